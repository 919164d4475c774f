/** How long texts are said in a short sentence, and what of a selection is meant. Pure. */

import type { Range } from "./offsets";

const LONGEST = 40;

export function shortened(wording: string): string {
  const flat = wording.slice(0, 8 * LONGEST).replace(/\s+/g, " ").trim();
  const letters = Array.from(flat);
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join("").trimEnd()}…` : flat;
}

/** A hand selects blanks at the ends without meaning them. */
export function trim(text: string, range: Range): Range | null {
  const wording = text.slice(range.from, range.to);
  const from = range.from + (wording.length - wording.trimStart().length);
  const to = range.from + wording.trimEnd().length;
  return from < to ? { from, to } : null;
}
