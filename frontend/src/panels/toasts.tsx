/** Sentences that come up in the corner: refusals, losses, what could not be done. Also the voice for screen readers. */

import { useWorkspace } from "./context";
import { Cross, Warning } from "./icons";
import { t } from "../words/words";

export function Toasts() {
  const { ui } = useWorkspace();
  return (
    <>
      <div class="toasts" role="alert">
        {ui.toasts.value.map((toast) => (
          <div key={toast.id} class={`toast ${toast.tone}`}>
            <Warning />
            <p>{toast.sentence}</p>
            <button type="button" class="icon-button" aria-label={t("Put this message away")} onClick={() => ui.dismiss(toast.id)}>
              <Cross />
            </button>
            {toast.action && (
              <div class="row">
                <button type="button" class="mini" onClick={toast.action.run}>
                  {toast.action.name}
                </button>
              </div>
            )}
          </div>
        ))}
      </div>
      <div class="sr" aria-live="polite">
        {ui.announcement.value}
      </div>
    </>
  );
}
