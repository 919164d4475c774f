/** Questions about a task's annotations, as lists on the screen ask them. Pure: knows no signals, no documents. */

import type { Resolved } from "./model";

/** As they stand in the text; what has no place in it comes last, by field. Ties are broken by id, so nothing swaps. */
export function compareByPlace(a: Resolved, b: Resolved): number {
  const [one, other] = [placeOf(a), placeOf(b)];
  return one.start - other.start || other.end - one.end || compare(a.id, b.id);
}

/** The best first; what has no score comes last. */
export function compareByScore(a: Resolved, b: Resolved): number {
  const [one, other] = [placeOf(a), placeOf(b)];
  return (b.score ?? -1) - (a.score ?? -1) || one.start - other.start || compare(a.id, b.id);
}

/** Looked up once for each entry: ordering asks for it many times. */
const places = new WeakMap<Resolved, { readonly start: number; readonly end: number }>();

function placeOf(entry: Resolved): { readonly start: number; readonly end: number } {
  const known = places.get(entry);
  if (known) return known;
  const place = spanOf(entry) ?? { start: Number.MAX_SAFE_INTEGER, end: 0 };
  places.set(entry, place);
  return place;
}

export function atLeast(entries: readonly Resolved[], threshold: number): Resolved[] {
  // What reads as 0.90 counts as 0.90: scores are shown with two digits.
  return entries.filter((entry) => entry.score !== null && Number(entry.score.toFixed(2)) >= threshold);
}

/** The one `step` further than `selected`; from nowhere, the first (or, backwards, the last). */
export function neighbour(entries: readonly Resolved[], selected: string | null, step: 1 | -1): Resolved | undefined {
  const at = entries.findIndex((entry) => entry.id === selected);
  if (at < 0) return step > 0 ? entries[0] : entries[entries.length - 1];
  return entries[at + step] ?? entries[at];
}

/** Where the eye goes when this one is gone: the next, else the one before. */
export function afterLosing(entries: readonly Resolved[], id: string): Resolved | undefined {
  const at = entries.findIndex((entry) => entry.id === id);
  return at < 0 ? undefined : (entries[at + 1] ?? entries[at - 1]);
}

/** The span's code points, or null where an annotation has no place in the text. */
export function spanOf(entry: Resolved): { start: number; end: number } | null {
  const value = entry.value;
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  const { start, end } = value as { start?: unknown; end?: unknown };
  return typeof start === "number" && typeof end === "number" ? { start, end } : null;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
