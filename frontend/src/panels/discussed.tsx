/** Beside an annotation in a list: that people speak of it, or the way to begin. */

import { useWorkspace } from "./context";
import { Bubble } from "./icons";
import type { Resolved } from "../workspace/model";
import { t, tn } from "../words/words";

export function Discussed({ entry }: { entry: Resolved }) {
  const workspace = useWorkspace();
  const count = workspace.discussion.value.counts.value.get(entry.id) ?? 0;
  const selected = workspace.ui.selected.value === entry.id;
  if (!count && !(selected && workspace.mayWrite.value)) return null;
  const about = { wording: workspace.wording(entry) };
  const name = count ? tn(count, "{n} comment on {wording}", "{n} comments on {wording}", about) : t("Comment on {wording}", about);
  return (
    <button type="button" class={`discussed${count ? " some" : ""}`} aria-label={name} title={name} onClick={() => workspace.comment(entry.id)}>
      <Bubble />
      {count > 0 && <span>{count}</span>}
    </button>
  );
}
