/** The kinds of field that the workspace can show. A new kind is one file here and one line below. */

import type { ComponentType } from "preact";
import type { Field } from "../workspace/model";
import { choice } from "./choice";
import { rating } from "./rating";
import { span } from "./span";
import { text } from "./text";

export interface KindProps {
  readonly field: Field;
  /** For style sheets that an editor brings along. */
  readonly nonce: string;
}

/** How a kind is answered in the palette. */
export interface Kind {
  readonly Palette: ComponentType<KindProps>;
}

const KINDS: Readonly<Record<string, Kind>> = { span, choice, rating, text };

export function kindOf(field: Field): Kind | null {
  return (Object.hasOwn(KINDS, field.kind) ? KINDS[field.kind] : null) ?? null;
}
