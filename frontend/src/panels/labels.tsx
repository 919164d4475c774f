/** What has been said of this task so far: one line an annotation. A click selects it here and in the text. */

import { useWorkspace } from "./context";
import { Entry, type EntryProps } from "./entry";
import { Discussed } from "./discussed";
import { Bin } from "./icons";
import { Lookers } from "./lookers";
import { Relabel } from "./relabel";
import { Rows } from "./rows";
import type { Resolved } from "../workspace/model";
import { t } from "../words/words";

/** As in panels.css. */
const ROW_HEIGHT = 54;

export function LabelsPanel() {
  const { accepted, listed, mayWrite, ui } = useWorkspace();
  if (!listed.value) return <p class="empty">{t("Loading…")}</p>;
  if (!accepted.value.length) {
    return (
      <p class="empty">
        <b>{t("Nothing labelled yet")}</b>
        {mayWrite.value ? t("Select text and press a label's key, or press the key first and then select.") : t("Labels appear here as people make them.")}
      </p>
    );
  }
  return (
    <Rows
      name="Labels in this task"
      items={accepted.value}
      rowHeight={ROW_HEIGHT}
      selected={ui.selected.value}
      render={(entry, place) => <LabelEntry key={entry.id} entry={entry} place={place} />}
    />
  );
}

function LabelEntry({ entry, place }: EntryProps) {
  const workspace = useWorkspace();
  const label = workspace.labelOf(entry);
  const selected = workspace.ui.selected.value === entry.id;
  return (
    <Entry entry={entry} place={place}>
      <RemoveButton entry={entry} />
      <span class="about">
        {label.removed && <span class="chip warn">{t("label removed")}</span>}
        {entry.kind === "span" && (
          <>
            {selected || label.removed ? <Relabel entry={entry} /> : <span>{label.name}</span>}
            <span aria-hidden="true">·</span>
          </>
        )}
        <span class="ellipsis">{workspace.credit(entry)}</span>
        <span class="grow" />
        <Discussed entry={entry} />
        <Lookers id={entry.id} />
      </span>
    </Entry>
  );
}

function RemoveButton({ entry }: { entry: Resolved }) {
  const workspace = useWorkspace();
  if (!workspace.mayWrite.value) return <span />;
  const name = `Delete ${workspace.wording(entry)}`;
  return (
    <button type="button" class="icon-button" aria-label={name} title={name} onClick={() => workspace.remove(entry.id)}>
      <Bin />
    </button>
  );
}
