/** Spans of text in the palette: a label a line, with its key and how often it is used. Their marks: span_view, span_marks. */

import { useId } from "preact/hooks";
import { useWorkspace } from "../panels/context";
import { Ends } from "../panels/ends";
import type { Field, Label } from "../workspace/model";
import { countKey } from "../workspace/resolution";
import { t } from "../words/words";
import { FieldTitle } from "./field_title";
import type { Kind, KindProps } from "./registry";

function Palette({ field }: KindProps) {
  const heading = useId();
  return (
    <section role="group" aria-labelledby={heading}>
      <FieldTitle field={field} id={heading} />
      {field.labels.map((label) => (
        <Row key={label.key} field={field} label={label} />
      ))}
    </section>
  );
}

function Row({ field, label }: { field: Field; label: Label }) {
  const workspace = useWorkspace();
  const count = workspace.counts.value.get(countKey(field.key, label.key)) ?? 0;
  if ((label.removed || field.removed) && !count) return null;
  const removed = label.removed || field.removed;
  const armed = isArmed(workspace.ui.armed.value, field, label);
  const on = armed || workspace.selectedHas(field.key, label.key);
  return (
    <button
      type="button"
      class={`label${on ? " on" : ""}${armed ? " armed" : ""}`}
      aria-pressed={on}
      disabled={!workspace.mayWrite.value || removed}
      title={label.description || undefined}
      onClick={() => workspace.pressLabel({ field: field.key, label: label.key })}
    >
      <i class="swatch" style={{ "--c": workspace.colourOf(label) }} />
      <span class="name">{label.name}</span>
      {label.hotkey && !removed && <kbd>{label.hotkey.toUpperCase()}</kbd>}
      {removed && <span class="removed-mark">{t("removed")}</span>}
      <span class="n">
        {count || ""}
        <span class="sr">{" "}{count === 1 ? t("label") : t("labels")}</span>
      </span>
    </button>
  );
}

function isArmed(armed: { field: string; label: string } | null, field: Field, label: Label): boolean {
  return armed?.field === field.key && armed.label === label.key;
}

/** Under a narrow screen's text: the labels in one line, for the thumb. */
export function LabelStrip() {
  const workspace = useWorkspace();
  const fields = workspace.project.value.fields.filter((field) => field.kind === "span" && !field.removed);
  if (!workspace.mayWrite.value) return <div class="strip" />;
  // Who selected text wants a label next.
  const selecting = workspace.ui.range.value !== null;
  return (
    <div class="strip" role="group" aria-label={t("Labels")}>
      <Decide />
      {!selecting && <Ends />}
      {fields.flatMap((field) =>
        field.labels
          .filter((label) => !label.removed)
          .map((label) => {
            const on = isArmed(workspace.ui.armed.value, field, label) || workspace.selectedHas(field.key, label.key);
            return (
              <button key={countKey(field.key, label.key)} type="button" class={`chip-label${on ? " on" : ""}`} aria-pressed={on} onClick={() => workspace.pressLabel({ field: field.key, label: label.key })}>
                <i class="swatch" style={{ "--c": workspace.colourOf(label) }} />
                {label.name}
              </button>
            );
          }),
      )}
      {selecting && <Ends />}
    </div>
  );
}

/** What a thumb can do with the selected mark. */
function Decide() {
  const workspace = useWorkspace();
  const mark = workspace.selectedMark();
  if (!mark) return null;
  if (mark.status !== "suggested") {
    return (
      <button type="button" class="chip-label bad" onClick={() => workspace.remove(mark.id)}>
        {t("Delete")}
      </button>
    );
  }
  return (
    <>
      <button type="button" class="chip-label ok" onClick={() => workspace.accept(mark.id)}>
        {t("Accept")}
      </button>
      <button type="button" class="chip-label" onClick={() => workspace.reject(mark.id)}>
        {t("Reject")}
      </button>
    </>
  );
}

export const span: Kind = { Palette };
