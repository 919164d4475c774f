/** The one converter between UTF-16 units (browser, editor) and Unicode code points (documents, API). Never splits a pair. */

import type { Span } from "./model";

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** An index of one text's surrogate pairs: most texts have few, so that a lookup is a short search. */
export class Offsets {
  /** Length in code points. */
  readonly length: number;
  /** Where in UTF-16 each pair starts, ascending. */
  private readonly pairs: Int32Array;

  constructor(readonly text: string) {
    this.pairs = findPairs(text);
    this.length = text.length - this.pairs.length;
  }

  /** UTF-16 to code points; inside a pair, `down` takes its start and `up` its end. Outside the text: its nearest end. */
  toCodePoint(utf16: number, inside: "down" | "up" = "down"): number {
    const at = clamp(utf16, this.text.length);
    const before = this.pairsBefore(at, 0);
    const splits = before > 0 && this.pairs[before - 1] === at - 1;
    // Inside a pair, `before` counts that pair already: at - before is its start.
    return at - before + (splits && inside === "up" ? 1 : 0);
  }

  toUtf16(codePoint: number): number {
    const at = clamp(codePoint, this.length);
    return at + this.pairsBefore(at, 1);
  }

  /** A selection as a span: pairs that it touches are inside. */
  spanOf(from: number, to: number): Span {
    const start = this.toCodePoint(from, "down");
    return { start, end: from === to ? start : this.toCodePoint(to, "up") };
  }

  rangeOf(span: Span): Range {
    return { from: this.toUtf16(span.start), to: this.toUtf16(span.end) };
  }

  /** The wording between two code points. */
  slice(start: number, end: number): string {
    return this.text.slice(this.toUtf16(start), this.toUtf16(end));
  }

  /** How many pairs start before `at`; pair i starts at pairs[i] in UTF-16 (shift 0), at pairs[i] - i in code points (1). */
  private pairsBefore(at: number, shift: 0 | 1): number {
    let low = 0;
    let high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.pairs[middle] as number) - shift * middle < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Whether `text` may be cut at `at`: not between the two halves of a pair. */
export function mayCutAt(text: string, at: number): boolean {
  return at <= 0 || at >= text.length || !(isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at)));
}

/** `text` in pieces of at most `most` units (at least 2), none of which ends inside a pair. */
export function inPieces(text: string, most: number): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length;) {
    let to = Math.min(from + most, text.length);
    if (!mayCutAt(text, to)) to -= 1;
    pieces.push(text.slice(from, to));
    from = to;
  }
  return pieces;
}

function findPairs(text: string): Int32Array {
  const found: number[] = [];
  for (let at = 0; at + 1 < text.length; at += 1) {
    if (isHigh(text.charCodeAt(at)) && isLow(text.charCodeAt(at + 1))) {
      found.push(at);
      at += 1;
    }
  }
  return Int32Array.from(found);
}

function isHigh(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isLow(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}

function clamp(at: number, most: number): number {
  return Math.min(Math.max(Math.trunc(at), 0), most);
}
