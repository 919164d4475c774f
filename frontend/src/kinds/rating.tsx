/** Ratings: a number within the field's range. Pressing the answer again takes it back. */

import { useId } from "preact/hooks";
import { useWorkspace } from "../panels/context";
import { FieldTitle } from "./field_title";
import type { Kind, KindProps } from "./registry";
import { t } from "../words/words";

/** Up to so many numbers are shown as buttons; more as a number to type. */
const MOST_BUTTONS = 21;

function Palette({ field }: KindProps) {
  const heading = useId();
  const workspace = useWorkspace();
  const answer = workspace.ratingOf(field.key);
  const few = field.maximum - field.minimum < MOST_BUTTONS;
  const props = { field, answer, disabled: !workspace.mayWrite.value || field.removed };
  if (field.removed && answer === null) return null;
  return (
    <section role={few ? "radiogroup" : "group"} aria-labelledby={heading}>
      <FieldTitle field={field} id={heading} />
      {few ? <Buttons {...props} /> : <NumberBox {...props} />}
    </section>
  );
}

type Props = Pick<KindProps, "field"> & { readonly answer: number | null; readonly disabled: boolean };

function Buttons({ field, answer, disabled }: Props) {
  const workspace = useWorkspace();
  const suggested = workspace.suggestedRating(field.key);
  const numbers = Array.from({ length: field.maximum - field.minimum + 1 }, (_, i) => field.minimum + i);
  return (
    <div class="rating">
      {numbers.map((number) => (
        <button
          key={number}
          type="button"
          role="radio"
          class={number === suggested ? "suggested" : undefined}
          aria-checked={number === answer}
          aria-label={number === suggested ? t("{n}, suggested", { n: number }) : String(number)}
          disabled={disabled}
          onClick={() => workspace.rate(field.key, number === answer ? null : number)}
        >
          {number}
        </button>
      ))}
    </div>
  );
}

function NumberBox({ field, answer, disabled }: Props) {
  const workspace = useWorkspace();
  const change = (event: Event): void => {
    const value = (event.target as HTMLInputElement).valueAsNumber;
    workspace.rate(field.key, Number.isInteger(value) ? Math.min(field.maximum, Math.max(field.minimum, value)) : null);
  };
  return (
    <div class="rating">
      <input type="number" class="btn" aria-label={field.name} min={field.minimum} max={field.maximum} step="1" value={answer ?? ""} disabled={disabled} onChange={change} />
      <span class="muted">
        {field.minimum} to {field.maximum}
      </span>
    </div>
  );
}

export const rating: Kind = { Palette };
