/** For the thumb: the beginning and the end of the selected text or span, each a word on or back. */

import { useWorkspace } from "./context";
import { widen } from "../workspace/deeds";
import { t } from "../words/words";

export function Ends() {
  const workspace = useWorkspace();
  const mark = workspace.selectedMark();
  if (!workspace.ui.range.value && mark?.kind !== "span") return null;
  return (
    <>
      <span class="chip-ends">
        <button type="button" aria-label={t("Start a word sooner")} onClick={() => widen(workspace, "start", -1)}>
          ‹
        </button>
        {t("Start")}
        <button type="button" aria-label={t("Start a word later")} onClick={() => widen(workspace, "start", 1)}>
          ›
        </button>
      </span>
      <span class="chip-ends">
        <button type="button" aria-label={t("End a word sooner")} onClick={() => widen(workspace, "end", -1)}>
          ‹
        </button>
        {t("End")}
        <button type="button" aria-label={t("End a word later")} onClick={() => widen(workspace, "end", 1)}>
          ›
        </button>
      </span>
    </>
  );
}
