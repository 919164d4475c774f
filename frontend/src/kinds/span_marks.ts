/** How marks look in the text: CodeMirror decorations for a stretch of it. Knows classes and order; no state, no events. */

import { type Range, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet } from "@codemirror/view";
import { type Mark, type MarkIndex } from "./span_index";

/** Part of a mark between two cuts, and whether the mark itself begins or ends there. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly starts: boolean;
  readonly ends: boolean;
}

/** The decorations for [from, to); what lies outside is not built. */
export function buildMarks(text: Text, index: MarkIndex, selected: string | null, from: number, to: number): DecorationSet {
  const visible = index.overlapping(from, to);
  const ranges: Range<Decoration>[] = [];
  visible.forEach((mark, i) => {
    const crossing = startingBefore(visible, i + 1, Math.min(mark.to, to));
    const look = new Look(mark, index.level(mark), mark.id === selected);
    for (const piece of pieces(mark, crossing, lineBreaks(text, mark, from, to), from, to)) {
      ranges.push(look.decoration(piece).range(piece.from, piece.to));
    }
  });
  return Decoration.set(ranges, true);
}

/** Of marks by start, those from place `first` on that start before `end`: the only ones that may cross the mark before them. */
function startingBefore(marks: readonly Mark[], first: number, end: number): readonly Mark[] {
  let last = first;
  while (last < marks.length && (marks[last] as Mark).from < end) last += 1;
  return marks.slice(first, last);
}

/**
 * CodeMirror nests marks by where they end, so one that another crosses is cut by it anyway: cut it ourselves where the
 * other begins, so that corners and the label stand only where the mark truly begins and ends. Lines cut too.
 */
export function pieces(mark: Mark, others: readonly Mark[], breaks: readonly number[], from: number, to: number): Piece[] {
  const start = Math.max(mark.from, from);
  const end = Math.min(mark.to, to);
  const crossings = others.filter((other) => other.from > start && other.from < end && other.to > mark.to);
  const cuts = [...new Set([start, ...crossings.map((other) => other.from), ...breaks, end])].sort((a, b) => a - b);
  return cuts.slice(1).map((to, i) => {
    const from = cuts[i] ?? start;
    return { from, to, starts: from === mark.from, ends: to === mark.to };
  });
}

function lineBreaks(text: Text, mark: Mark, from: number, to: number): number[] {
  const breaks: number[] = [];
  const end = Math.min(mark.to, to);
  for (let line = text.lineAt(Math.max(mark.from, from)); line.to + 1 < end; line = text.line(line.number + 1)) {
    breaks.push(line.to + 1);
  }
  return breaks;
}

class Look {
  private readonly classes: string;

  constructor(
    private readonly mark: Mark,
    level: number,
    private readonly selected: boolean,
  ) {
    this.classes = ["mark", `mark-level-${level}`, mark.suggestion && "mark-suggestion", mark.labelRemoved && "mark-removed", mark.discussed && "mark-discussed"]
      .concat(selected && "mark-selected")
      .filter(Boolean)
      .join(" ");
  }

  decoration(piece: Piece): Decoration {
    const ends = `${piece.starts ? " mark-starts" : ""}${piece.ends ? " mark-ends" : ""}`;
    const attributes: Record<string, string> = { "data-mark": this.mark.id, style: `--c: ${this.mark.colour}` };
    if (piece.ends) attributes["data-label"] = tag(this.mark);
    if (piece.starts && this.selected) attributes["aria-current"] = "true";
    return Decoration.mark({ class: this.classes + ends, attributes });
  }
}

/** The words after a mark: its label, a suggestion's score, and what is wrong with it. */
export function tag(mark: Mark): string {
  const score = mark.suggestion && mark.score !== null ? ` ${mark.score.toFixed(2)}` : "";
  return `${mark.label}${score}${mark.labelRemoved ? " · label removed" : ""}`;
}
