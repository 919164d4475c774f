/** Choices, one or several: an answer a line. A suggested one is dashed, with its score, until somebody decides. */

import { useId } from "preact/hooks";
import { useWorkspace } from "../panels/context";
import type { Field, Label } from "../workspace/model";
import { FieldTitle } from "./field_title";
import type { Kind, KindProps } from "./registry";
import { t } from "../words/words";

function Palette({ field }: KindProps) {
  const heading = useId();
  return (
    <section role={field.multiple ? "group" : "radiogroup"} aria-labelledby={heading}>
      <FieldTitle field={field} id={heading} />
      {field.labels.map((label) => (
        <Row key={label.key} field={field} label={label} />
      ))}
    </section>
  );
}

function Row({ field, label }: { field: Field; label: Label }) {
  const workspace = useWorkspace();
  const chosen = workspace.hasAnswer(field.key, label.key);
  const removed = label.removed || field.removed;
  if (removed && !chosen) return null;
  const suggested = workspace.suggestedAnswer(field.key, label.key);
  return (
    <button
      type="button"
      class={`label${chosen ? " on" : ""}${suggested ? " suggested" : ""}`}
      role={field.multiple ? "checkbox" : "radio"}
      aria-checked={chosen}
      disabled={!workspace.mayWrite.value || (removed && !chosen)}
      title={label.description || undefined}
      onClick={() => workspace.pressLabel({ field: field.key, label: label.key })}
    >
      <i class={`swatch answer${field.multiple ? " box" : ""}`} />
      <span class="name">{label.name}</span>
      {label.hotkey && !removed && <kbd>{label.hotkey.toUpperCase()}</kbd>}
      {removed && <span class="removed-mark">{t("removed")}</span>}
      {suggested && <span class="n">suggested {suggested.score?.toFixed(2)}</span>}
    </button>
  );
}

export const choice: Kind = { Palette };
