/** "Label it everywhere?" with the number of places, before anything is done. */

import { useWorkspace } from "./context";
import { Dialog } from "./parts";
import { labelAll } from "../workspace/deeds";
import { t, tn } from "../words/words";

export function AskForAll() {
  const workspace = useWorkspace();
  const asked = workspace.ui.asking.value;
  if (!asked) return null;
  const close = (): void => void (workspace.ui.asking.value = null);
  const label = workspace.labelOf({ ...asked.choice, labelRemoved: false }).name;
  const { wording, labelled, spans } = asked;
  return (
    <Dialog title={t("Label “{wording}” everywhere?", { wording })} close={close}>
      <div class="asking">
        <p>{tn(spans.length, "It stands in {n} place without this label.", "It stands in {n} places without this label.")}</p>
        {labelled > 0 && <p class="muted">{tn(labelled, "{n} place has it already and is left as it is.", "{n} places have it already and are left as they are.")}</p>}
        <p class="row">
          <button type="button" class="btn primary" autofocus onClick={() => labelAll(workspace)}>
            {tn(spans.length, "Label {n} place {label}", "Label {n} places {label}", { label })}
          </button>
          <button type="button" class="btn" onClick={close}>
            {t("Cancel")}
          </button>
        </p>
      </div>
    </Dialog>
  );
}
