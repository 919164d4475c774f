/** What models suggest and nobody decided yet: runs on top, the list to walk, and the decision on all above a score. */

import { Bulk } from "./bulk";
import { useWorkspace } from "./context";
import { Discussed } from "./discussed";
import { Entry, type EntryProps } from "./entry";
import { Lookers } from "./lookers";
import { Relabel } from "./relabel";
import { Rows } from "./rows";
import { Runs } from "./runs";
import { Why } from "./why";
import { t, tn } from "../words/words";

/** As in panels.css. */
const ROW_HEIGHT = 70;

export function SuggestionsPanel() {
  const { suggestions, ui } = useWorkspace();
  return (
    <>
      <Runs />
      {/* From the first on: a line that comes with the second would push the list under the hand. */}
      {suggestions.value.length > 0 && <Order />}
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
      <Why />
      <Bulk />
    </>
  );
}

function Order() {
  const { ui } = useWorkspace();
  const change = (event: Event): void => void (ui.order.value = (event.target as HTMLSelectElement).value as "text" | "score");
  return (
    <label class="list-head">
      {t("Order")}
      <select class="relabel" value={ui.order.value} onChange={change}>
        <option value="text">{t("as in the text")}</option>
        <option value="score">{t("by score")}</option>
      </select>
    </label>
  );
}

function Nothing() {
  const { runs, waiting } = useWorkspace();
  const hidden = waiting.value.length;
  if (hidden) return <p class="empty">{tn(hidden, "{n} suggestion is less sure than that, and not shown.", "{n} suggestions are less sure than that, and not shown.")}</p>;
  const running = runs.value.some((run) => run.active);
  return <p class="empty">{running ? t("Suggestions appear as the model finds them.") : t("No suggestion is waiting for a decision.")}</p>;
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
              {t("Accept")} {selected && <kbd>{workspace.keys("accept")[0]}</kbd>}
            </button>
            <button type="button" class="mini" onClick={() => workspace.reject(entry.id)}>
              {t("Reject")} {selected && <kbd>{workspace.keys("reject")[0]}</kbd>}
            </button>
          </>
        )}
        {label.removed && <span class="chip warn">{t("label removed")}</span>}
        <Relabel entry={entry} />
        {workspace.severalBackends.value && <span class="muted ellipsis">{entry.backend}</span>}
        <span class="grow" />
        <Discussed entry={entry} />
        <Lookers id={entry.id} />
      </span>
    </Entry>
  );
}
