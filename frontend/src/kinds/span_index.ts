/** The marks of one text, found by position. Knows UTF-16 offsets; nothing of how a mark is drawn. */

/** One span as it is drawn: an annotation's label, or a suggestion's with its score. */
export interface Mark {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly label: string;
  readonly colour: string;
  readonly suggestion: boolean;
  readonly score: number | null;
  readonly labelRemoved: boolean;
  /** Somebody commented on it. */
  readonly discussed: boolean;
}

/** By start, and the longer first among equals. */
export function compareMarks(a: Mark, b: Mark): number {
  return a.from - b.from || b.to - a.to || (a.id < b.id ? -1 : 1);
}

/** Underlines lie this many deep under a line; deeper ones share the last place. */
export const DEEPEST = 2;
/** A clump of overlapping marks larger than this is stacked by one sweep, not by trying every pair. */
const LARGEST_CLUMP = 64;

export class MarkIndex {
  static readonly EMPTY = new MarkIndex([]);
  private readonly furthestEnd: Float64Array;
  /** Found when they are asked for: of a long text, those that are on the screen. */
  private readonly levels = new Map<Mark, number>();

  /** `marks` in the order of `compareMarks`. */
  constructor(readonly marks: readonly Mark[]) {
    this.furthestEnd = furthestEnds(marks);
  }

  /** How deep the mark's underline lies: inner marks near the text, outer ones below. */
  level(mark: Mark): number {
    if (!this.levels.has(mark)) stack(this.clumpOf(mark), this.levels);
    return this.levels.get(mark) ?? 0;
  }

  /** Marks that share at least one character with [from, to), by start. */
  overlapping(from: number, to: number): Mark[] {
    const found: Mark[] = [];
    for (let i = this.firstStartAt(to) - 1; (this.furthestEnd[i] ?? 0) > from; i--) {
      const mark = this.marks[i];
      if (mark && mark.to > from) found.push(mark);
    }
    return found.reverse();
  }

  /** Marks that cover this position, the shortest first: what a click there means, and what it means when repeated. */
  at(position: number): Mark[] {
    return this.overlapping(position, position + 1).sort((a, b) => a.to - a.from - (b.to - b.from));
  }

  /** The run of marks around this one in which each overlaps another. */
  private clumpOf(mark: Mark): readonly Mark[] {
    let first = this.firstStartAt(mark.from);
    while (first > 0 && (this.furthestEnd[first - 1] ?? 0) > (this.marks[first]?.from ?? 0)) first -= 1;
    let end = this.firstStartAt(mark.from + 1);
    while ((this.marks[end]?.from ?? Infinity) < (this.furthestEnd[end - 1] ?? 0)) end += 1;
    return this.marks.slice(first, end);
  }

  private firstStartAt(position: number): number {
    let low = 0;
    let high = this.marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.marks[middle]?.from ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** For each place in the order: the furthest end so far, so that a search knows when to stop going back. */
function furthestEnds(marks: readonly Mark[]): Float64Array {
  const ends = new Float64Array(marks.length);
  let furthest = 0;
  marks.forEach((mark, i) => (ends[i] = furthest = Math.max(furthest, mark.to)));
  return ends;
}

function stack(clump: readonly Mark[], levels: Map<Mark, number>): void {
  if (clump.length > LARGEST_CLUMP) stackBySweep(clump, levels);
  else stackShortestFirst(clump, levels);
}

function stackShortestFirst(clump: readonly Mark[], levels: Map<Mark, number>): void {
  const placed: Mark[] = [];
  for (const mark of [...clump].sort((a, b) => a.to - a.from - (b.to - b.from) || a.from - b.from)) {
    const taken = new Set(placed.filter((other) => overlap(mark, other)).map((other) => levels.get(other)));
    levels.set(mark, lowestFree(taken));
    placed.push(mark);
  }
}

function stackBySweep(clump: readonly Mark[], levels: Map<Mark, number>): void {
  const endOfLevel = new Array<number>(DEEPEST + 1).fill(-1);
  for (const mark of clump) {
    const free = endOfLevel.findIndex((end) => end <= mark.from);
    const level = free < 0 ? DEEPEST : free;
    levels.set(mark, level);
    endOfLevel[level] = Math.max(endOfLevel[level] ?? 0, mark.to);
  }
}

function overlap(a: Mark, b: Mark): boolean {
  return a.from < b.to && b.from < a.to;
}

function lowestFree(taken: ReadonlySet<number | undefined>): number {
  let level = 0;
  while (level < DEEPEST && taken.has(level)) level++;
  return level;
}
