/** The one converter between UTF-16 units (browser, editor) and Unicode code points (documents, API). Never splits a pair. */

import type { Span } from "./model";

export declare class Offsets {
  constructor(text: string);
  /** Length in code points. */
  readonly length: number;
  /** UTF-16 to code points; inside a pair, `down` takes its start and `up` its end. */
  toCodePoint(utf16: number, inside?: "down" | "up"): number;
  toUtf16(codePoint: number): number;
  /** A selection as a span: pairs that it touches are inside. */
  spanOf(from: number, to: number): Span;
  rangeOf(span: Span): { from: number; to: number };
  /** The wording of a span. */
  slice(span: Span): string;
}
