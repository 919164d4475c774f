/** Questions about a task's annotations, as lists on the screen ask them. Pure: knows no signals, no documents. */

import type { Resolved } from "./model";

/** As they stand in the text; what has no place in it comes last, by field. Ties are broken by id, so nothing swaps. */
export function inTextOrder(entries: readonly Resolved[]): Resolved[] {
  return ordered(entries, (a, b) => a.start - b.start || b.end - a.end || compare(a.entry.id, b.entry.id));
}

export function byScore(entries: readonly Resolved[]): Resolved[] {
  return ordered(entries, (a, b) => (b.entry.score ?? -1) - (a.entry.score ?? -1) || a.start - b.start || compare(a.entry.id, b.entry.id));
}

/** An entry with its place, looked up once: sorting asks for it many times. */
interface Placed {
  readonly entry: Resolved;
  readonly start: number;
  readonly end: number;
}

function ordered(entries: readonly Resolved[], order: (a: Placed, b: Placed) => number): Resolved[] {
  return entries.map(place).sort(order).map(({ entry }) => entry);
}

function place(entry: Resolved): Placed {
  const span = spanOf(entry);
  return { entry, start: span?.start ?? Number.MAX_SAFE_INTEGER, end: span?.end ?? 0 };
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
