/** The figures of a project as the server tells them (`projects/figures.py`), and as charts want them. Draws nothing. */

export interface Person {
  readonly id: number;
  readonly name: string;
  readonly colour: string;
  readonly done: number;
  readonly annotations: number;
  readonly decisions: number;
}

export interface Bucket {
  readonly start: string;
  /** Tasks submitted, by the person's id; 0 are accounts that are gone. */
  readonly done: Readonly<Record<string, number>>;
}

export interface LabelCount {
  readonly field: string;
  readonly name: string;
  readonly key: string;
  readonly colour: string;
  readonly count: number;
}

export interface Figures {
  readonly progress: { readonly tasks: number; readonly open: number; readonly in_progress: number; readonly submitted: number; readonly skipped: number };
  readonly said: { readonly annotations: number; readonly waiting: number; readonly model_accepted: number; readonly model_decided: number };
  readonly labels: readonly LabelCount[];
  readonly hours: readonly Bucket[];
  readonly days: readonly Bucket[];
  readonly people: readonly Person[];
}

export interface Series {
  readonly id: string;
  readonly name: string;
  readonly colour: string;
  readonly counts: number[];
}

/** What each person did in each bucket; only who did something, in the order of the people. */
export function seriesOf(buckets: readonly Bucket[], people: readonly Person[], gone: string): Series[] {
  const known = people.map(({ id, name, colour }) => ({ id: String(id), name, colour }));
  return [...known, { id: "0", name: gone, colour: "#8a95a3" }]
    .map((person) => ({ ...person, counts: buckets.map(({ done }) => done[person.id] ?? 0) }))
    .filter(({ counts }) => counts.some((count) => count > 0));
}

/** How many were done in all buckets together. */
export function total(buckets: readonly Bucket[]): number {
  return buckets.reduce((sum, { done }) => sum + Object.values(done).reduce((all, count) => all + count, 0), 0);
}

/** A colour mixed with so much white, as `--person` is in the style sheet. */
export function lifted(colour: string, share: number): string {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  const mixed = parts.map((part) => Math.round(part + (255 - part) * share));
  return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

export function percent(part: number, whole: number): number {
  return whole ? Math.floor((part * 100) / whole) : 0;
}

/** 1041 as 1 041, as the server writes it. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}
