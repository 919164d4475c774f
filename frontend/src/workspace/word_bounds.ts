/** Where words and sentences begin and end in a text, in UTF-16 offsets. Pure; never splits what people see as one letter. */

import { findClusterBreak } from "@codemirror/state";
import type { Range } from "./offsets";

type Unit = "word" | "sentence";
interface Segmenters {
  readonly word: Intl.Segmenter;
  readonly sentence: Intl.Segmenter;
}

/** So much of the text around a place is looked at in one go, in UTF-16 units: texts may be megabytes in one line. */
const WINDOW: Readonly<Record<Unit, number>> = { word: 300, sentence: 3000 };
/** Scripts without blanks between words: where a word ends is a dictionary's guess there, which must not move the hand's selection. */
const WITHOUT_BLANKS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const PICTURE = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u;

let made: Segmenters | null = null;

function segmenters(): Segmenters {
  return (made ??= { word: new Intl.Segmenter(undefined, { granularity: "word" }), sentence: new Intl.Segmenter(undefined, { granularity: "sentence" }) });
}

/** The word that covers the place, or ends there. */
export function wordAt(text: string, at: number): Range | null {
  const words = units(text, at, "word");
  return words.find(({ from, to }) => from <= at && at < to) ?? words.find(({ to }) => to === at) ?? null;
}

export function sentenceAt(text: string, at: number): Range | null {
  const sentences = units(text, at, "sentence");
  return sentences.find(({ from, to }) => from <= at && at < to) ?? sentences.find(({ to }) => to === at) ?? null;
}

/** The line, without its end. */
export function paragraphAt(text: string, at: number): Range {
  const to = text.indexOf("\n", at);
  return { from: at > 0 ? text.lastIndexOf("\n", at - 1) + 1 : 0, to: to < 0 ? text.length : to };
}

/** The first end of a unit behind the place; the text's end where there is none. */
export function nextEnd(text: string, at: number, unit: Unit): number {
  return search(text, at, unit, 1, (found, from) => found.find(({ to }) => to > from)?.to);
}

export function nextStart(text: string, at: number, unit: Unit): number {
  return search(text, at, unit, 1, (found, from) => found.find((each) => each.from > from)?.from);
}

export function previousStart(text: string, at: number, unit: Unit): number {
  return search(text, at, unit, -1, (found, before) => found.findLast(({ from }) => from < before)?.from);
}

export function previousEnd(text: string, at: number, unit: Unit): number {
  return search(text, at, unit, -1, (found, before) => found.findLast(({ to }) => to < before)?.to);
}

/** One letter on or back, as people see letters. */
export function letterBeside(text: string, at: number, step: 1 | -1): number {
  return Math.min(text.length, Math.max(0, findClusterBreak(text, at, step > 0)));
}

/** A selection widened to the words that it cuts. */
export function snapped(text: string, range: Range): Range {
  const first = cutWord(text, range.from);
  const last = cutWord(text, range.to);
  return { from: first?.from ?? range.from, to: last?.to ?? range.to };
}

/** A span with one of its ends moved; null where nothing of it would be left, or nowhere to go. */
export function resized(text: string, range: Range, side: "start" | "end", unit: "word" | "letter", step: 1 | -1): Range | null {
  const at = side === "start" ? range.from : range.to;
  const moved = unit === "letter" ? letterBeside(text, at, step) : wordBoundary(text, at, side, step);
  const next = side === "start" ? { from: moved, to: range.to } : { from: range.from, to: moved };
  return next.from < next.to && moved !== at ? next : null;
}

/** Where else exactly this wording stands, and not as part of a longer word. */
export function sameWordings(text: string, wording: string): Range[] {
  const found: Range[] = [];
  if (!wording) return found;
  for (let from = text.indexOf(wording); from >= 0; from = text.indexOf(wording, from + wording.length)) {
    const to = from + wording.length;
    if (!cutWord(text, from) && !cutWord(text, to)) found.push({ from, to });
  }
  return found;
}

function wordBoundary(text: string, at: number, side: "start" | "end", step: 1 | -1): number {
  if (side === "start") return step > 0 ? nextStart(text, at, "word") : previousStart(text, at, "word");
  return step > 0 ? nextEnd(text, at, "word") : previousEnd(text, at, "word");
}

/** The word that would be cut in two here. */
function cutWord(text: string, at: number): Range | null {
  // Most ends stand beside a blank: nothing to look up.
  if (at <= 0 || at >= text.length || /\s/.test(text[at - 1] as string) || /\s/.test(text[at] as string)) return null;
  const word = units(text, at, "word").find(({ from, to }) => from < at && at < to);
  return word && !WITHOUT_BLANKS.test(text.slice(word.from, word.to)) ? word : null;
}

/** Look on in the text, window by window. */
function search(text: string, at: number, unit: Unit, step: 1 | -1, find: (found: readonly Range[], at: number) => number | undefined): number {
  for (let middle = at; ; middle += step * WINDOW[unit]) {
    const found = find(units(text, middle, unit), at);
    if (found !== undefined) return found;
    if (middle <= 0 && step < 0) return 0;
    if (middle >= text.length && step > 0) return text.length;
  }
}

/** Words (without blanks and signs) or sentences (without the blanks behind them) around a place. */
function units(text: string, at: number, unit: Unit): Range[] {
  const from = softly(text, Math.max(0, at - WINDOW[unit]), -1);
  const to = softly(text, Math.min(text.length, at + WINDOW[unit]), 1);
  const found: Range[] = [];
  for (const { segment, index, isWordLike } of segmenters()[unit].segment(text.slice(from, to))) {
    const said = unit === "word" ? segment : segment.trimEnd();
    if (unit === "word" ? isWordLike || PICTURE.test(segment) : said) found.push({ from: from + index, to: from + index + said.length });
  }
  return found;
}

/** Not in the middle of a word, if a blank is near. */
function softly(text: string, at: number, step: 1 | -1): number {
  for (let i = 0; i < 60; i++) {
    const place = at + i * step;
    if (place <= 0 || place >= text.length || /\s/.test(text[place] as string)) return Math.min(Math.max(place, 0), text.length);
  }
  return at;
}
