/** Deciding on many suggestions at once: those above a score, or all that are shown. Each is one step for undo. */

import { useWorkspace } from "./context";
import { atLeast } from "../workspace/app_entries";
import { number, t } from "../words/words";

export function Bulk() {
  const workspace = useWorkspace();
  const { suggestions, waiting, ui, mayWrite } = workspace;
  const scored = waiting.value.filter((entry) => entry.score !== null);
  const shown = suggestions.value;
  if (!mayWrite.value || (waiting.value.length < 2 && !ui.onlyAbove.value)) return null;
  return (
    <div class="bulk">
      {(scored.length > 1 || ui.onlyAbove.value) && <Threshold />}
      {scored.length > 1 && !ui.onlyAbove.value && <AcceptAbove />}
      <span class="row shown">
        <button type="button" class="btn" disabled={!shown.length} title={workspace.keys("accept shown").join(" ")} onClick={() => workspace.acceptAll(shown)}>
          {t("Accept all {n} shown", { n: shown.length })}
        </button>
        <button type="button" class="btn" disabled={!shown.length} title={workspace.keys("reject shown").join(" ")} onClick={() => workspace.rejectAll(shown)}>
          {t("Reject all {n}", { n: shown.length })}
        </button>
      </span>
    </div>
  );
}

function Threshold() {
  const workspace = useWorkspace();
  const { ui, waiting } = workspace;
  const threshold = ui.threshold.value;
  return (
    <>
      <input
        type="range"
        min="0"
        max="1"
        step="0.01"
        value={threshold}
        aria-label={t("Lowest score to accept")}
        onInput={(event) => workspace.filter(Number((event.target as HTMLInputElement).value), ui.onlyAbove.value)}
      />
      <label class="only">
        <input type="checkbox" checked={ui.onlyAbove.value} onChange={(event) => workspace.filter(threshold, (event.target as HTMLInputElement).checked)} />
        {t("Show only from {score}", { score: threshold.toFixed(2) })}
      </label>
      <span class="muted" aria-live="polite">
        {t("{n} of {all}", { n: number(atLeast(waiting.value, threshold).length), all: number(waiting.value.length) })}
      </span>
    </>
  );
}

function AcceptAbove() {
  const workspace = useWorkspace();
  const threshold = workspace.ui.threshold.value;
  const chosen = atLeast(workspace.waiting.value, threshold);
  return (
    <button type="button" class="btn" disabled={!chosen.length} onClick={() => workspace.acceptAll(chosen)}>
      {t("Accept all ≥ {score}", { score: threshold.toFixed(2) })}
    </button>
  );
}
