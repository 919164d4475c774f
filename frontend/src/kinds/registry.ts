/** The kinds of field that the workspace can show. A new kind is one file here and one line below. */

import type { ComponentType } from "preact";
import type { Field } from "../workspace/model";
import { choice } from "./choice";
import { rating } from "./rating";
import { span } from "./span";
import { text } from "./text";

export interface KindProps {
  readonly field: Field;
}

/** How a kind is answered in the palette, and how one of its annotations is called in lists. */
export interface Kind {
  readonly Palette: ComponentType<KindProps>;
  /** Whether its fields' answers are single statements of the whole task, without a place in the text. */
  readonly ofWholeTask: boolean;
}

const KINDS: Readonly<Record<string, Kind>> = { span, choice, rating, text };

export function kindOf(field: Field): Kind | null {
  return Object.hasOwn(KINDS, field.kind) ? KINDS[field.kind]! : null;
}
