/** The heading of a field in the palette: its name, and whether an answer is missing or the field was removed. */

import { useWorkspace } from "../panels/context";
import type { Field } from "../workspace/model";
import { t } from "../words/words";

export function FieldTitle({ field, id }: { field: Field; id: string }) {
  const { unanswered } = useWorkspace();
  return (
    <h3 id={id}>
      {field.name}
      {field.removed && <span class="note warn">{t("removed")}</span>}
      {!field.removed && field.required && <span class={`note${unanswered.value.has(field.key) ? " warn" : ""}`}>{unanswered.value.has(field.key) ? t("answer needed") : "✓"}</span>}
    </h3>
  );
}
