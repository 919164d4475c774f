/** What models suggest and nobody decided yet: runs on top, the list to walk, and the decision on all above a score. */

import { useWorkspace } from "./context";
import { Discussed } from "./discussed";
import { Entry, type EntryProps } from "./entry";
import { Lookers } from "./lookers";
import { Relabel } from "./relabel";
import { Rows } from "./rows";
import { Runs } from "./runs";
import { atLeast } from "../workspace/app_entries";

/** As in panels.css. */
const ROW_HEIGHT = 70;

export function SuggestionsPanel() {
  const { suggestions, ui } = useWorkspace();
  return (
    <>
      <Runs />
      {suggestions.value.length > 1 && <Order />}
      {suggestions.value.length ? (
        <Rows
          name="Suggestions"
          items={suggestions.value}
          rowHeight={ROW_HEIGHT}
          selected={ui.selected.value}
          render={(entry, place) => <SuggestionEntry key={entry.id} entry={entry} place={place} />}
        />
      ) : (
        <Nothing />
      )}
      <Bulk />
    </>
  );
}

function Order() {
  const { ui } = useWorkspace();
  const change = (event: Event): void => void (ui.order.value = (event.target as HTMLSelectElement).value as "text" | "score");
  return (
    <label class="list-head">
      Order
      <select class="relabel" value={ui.order.value} onChange={change}>
        <option value="text">as in the text</option>
        <option value="score">by score</option>
      </select>
    </label>
  );
}

function Nothing() {
  const { runs } = useWorkspace();
  const running = runs.value.some((run) => run.active);
  return <p class="empty">{running ? "Suggestions appear as the model finds them." : "No suggestion is waiting for a decision."}</p>;
}

function SuggestionEntry({ entry, place }: EntryProps) {
  const workspace = useWorkspace();
  const label = workspace.labelOf(entry);
  const selected = workspace.ui.selected.value === entry.id;
  return (
    <Entry entry={entry} place={place}>
      <span class="score">{entry.score?.toFixed(2)}</span>
      <span class="acts">
        {workspace.mayWrite.value && (
          <>
            <button type="button" class="mini ok" onClick={() => workspace.accept(entry.id)}>
              Accept {selected && <kbd>{workspace.keys("accept")[0]}</kbd>}
            </button>
            <button type="button" class="mini" onClick={() => workspace.reject(entry.id)}>
              Reject {selected && <kbd>{workspace.keys("reject")[0]}</kbd>}
            </button>
          </>
        )}
        {label.removed && <span class="chip warn">label removed</span>}
        <Relabel entry={entry} />
        {workspace.severalBackends.value && <span class="muted ellipsis">{entry.backend}</span>}
        <span class="grow" />
        <Discussed entry={entry} />
        <Lookers id={entry.id} />
      </span>
    </Entry>
  );
}

function Bulk() {
  const workspace = useWorkspace();
  const { suggestions, ui, mayWrite } = workspace;
  const scored = suggestions.value.filter((entry) => entry.score !== null);
  if (!mayWrite.value || scored.length < 2) return null;
  const threshold = ui.threshold.value;
  const chosen = atLeast(scored, threshold);
  return (
    <div class="bulk">
      <input
        type="range"
        min="0"
        max="1"
        step="0.01"
        value={threshold}
        aria-label="Lowest score to accept"
        onInput={(event) => (ui.threshold.value = Number((event.target as HTMLInputElement).value))}
      />
      <button type="button" class="btn" disabled={!chosen.length} onClick={() => workspace.acceptAll(chosen)}>
        Accept all ≥ {threshold.toFixed(2)}
      </button>
      <span class="muted" aria-live="polite">
        {chosen.length} of {suggestions.value.length}
      </span>
    </div>
  );
}
