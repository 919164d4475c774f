/** What opens over the workspace: the shortcuts, the guidelines, and edits that were refused and kept. */

import { useEffect } from "preact/hooks";
import { useWorkspace } from "./context";
import { AskForAll } from "./asking";
import { lazily } from "./lazily";
import { Dialog } from "./parts";
import { t } from "../words/words";

const Shortcuts = lazily(() => import("./shortcuts"), false);
const Palette = lazily(() => import("./palette"), false);
const Restore = lazily(() => import("./restore"));

/** By then everything else is there. */
const FETCH_AFTER_MS = 2000;

export function Dialogs() {
  useEffect(() => {
    const timer = setTimeout(() => [Palette, Shortcuts].forEach((part) => part.fetch()), FETCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  const { ui } = useWorkspace();
  const shown = ui.dialog.value;
  // Told twice, the second time when another may be open.
  const close = (): void => {
    if (ui.dialog.value === shown) ui.dialog.value = null;
  };
  switch (shown) {
    case "help":
      return <Shortcuts.Shown close={close} />;
    case "palette":
      return <Palette.Shown close={close} />;
    case "guidelines":
      return <Guidelines close={close} />;
    case "refused":
      return <Refused close={close} />;
    case "restore":
      return (
        <Dialog title={t("Restore")} close={close}>
          <Restore.Shown />
        </Dialog>
      );
    default:
      return <AskForAll />;
  }
}

function Guidelines({ close }: { close: () => void }) {
  const { project } = useWorkspace();
  return (
    <Dialog title={t("Guidelines")} close={close}>
      {/* The server made and cleaned this HTML of the manager's Markdown; nothing else is ever set as markup. */}
      <div class="prose" dangerouslySetInnerHTML={{ __html: project.value.guidelines_html }} />
    </Dialog>
  );
}

function Refused({ close }: { close: () => void }) {
  const { refused, connection } = useWorkspace();
  return (
    <Dialog title={t("Refused edits")} close={close}>
      {!refused.value.length && <p class="muted">{t("Nothing is kept any more.")}</p>}
      <ul class="refusals">
        {refused.value.map((refusal, i) => {
          const copy = JSON.stringify(refusal.kept, null, 2);
          return (
            <li key={i}>
              <b>{refusal.sentence}</b>
              <pre>{copy}</pre>
              <span class="row">
                <button type="button" class="mini" onClick={() => void navigator.clipboard.writeText(copy)}>
                  {t("Copy")}
                </button>
                <button type="button" class="mini" onClick={() => connection.value.dismiss(refusal)}>
                  {t("Drop")}
                </button>
              </span>
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
}
