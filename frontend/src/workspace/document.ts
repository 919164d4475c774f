/** What a task's document says now, and what may be done to it. Twin of projects/document.py. Knows no sockets. */

import { batch, computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type * as Y from "yjs";

import type { Decision, Id, Json, Person, Resolved, Statement, TaskStatus } from "./model";
import { type Edit, makeAgain } from "./rebuild";
import { canonical, type Changes, countKey, Resolution } from "./resolution";
import { type Decided, newId, type Roots, rootsOf, TASK, textRoot } from "./roots";
import type { Schema } from "./schema";
import { BY_HAND, type UndoStack } from "./undo";

/** A transaction's update must stay below the server's limit: an entry takes at most some 160 bytes. */
const ENTRIES_PER_TRANSACTION = 250;
/** Statements are longer: some 300 bytes. */
const STATEMENTS_PER_TRANSACTION = 100;
/** The same for entries of any size: their length as JSON (a character may take three bytes), and what else each takes. */
const PART_LENGTH = 16_000;
const EDIT_OVERHEAD = 60;
/** A paste is typed in pieces of this many UTF-16 units (see `inPieces` in offsets.ts). */
export const MOST_TYPED_AT_ONCE = 16_000;

/** What the server says of the task as a whole. */
export interface TaskState {
  readonly status: TaskStatus;
  readonly by: number | null;
  readonly at: string | null;
}

/** What changed: ids that are new, different or gone, with what they said before. `mine`: this window did it. */
export interface DocumentChange {
  readonly before: Changes;
  readonly mine: boolean;
}

export interface DocumentOptions {
  readonly doc: ReadonlySignal<Y.Doc>;
  readonly schema: ReadonlySignal<Schema>;
  readonly me: Person;
  readonly undo: UndoStack;
  readonly now?: () => Date;
  readonly newId?: () => Id;
}

const OPEN: TaskState = { status: "open", by: null, at: null };

export class TaskDocument {
  /** Raised with every change of annotations: read it to depend on all of them. */
  readonly version = signal(0);
  /** Everything that is in the document, whatever its status; no order is promised. An entry that did not change is the same object. */
  readonly marks: ReadonlySignal<readonly Resolved[]> = computed(() => this.all());
  readonly accepted: ReadonlySignal<readonly Resolved[]> = computed(() => this.marks.value.filter((mark) => mark.status === "accepted"));
  readonly suggestions: ReadonlySignal<readonly Resolved[]> = computed(() => this.marks.value.filter((mark) => mark.status === "suggested"));
  /** Accepted annotations by `countKey(field, label)`. */
  readonly counts: ReadonlySignal<ReadonlyMap<string, number>> = computed(() => countsOf(this.accepted.value));
  readonly state = signal<TaskState>(OPEN);

  private readonly resolution: Resolution;
  private readonly listeners = new Set<(change: DocumentChange) => void>();
  private readonly stops: (() => void)[];
  private detach: () => void = () => undefined;
  private roots: Roots;
  private touched = new Set<Id>();

  constructor(private readonly options: DocumentOptions) {
    this.roots = rootsOf(options.doc.peek());
    this.resolution = new Resolution(this.roots, options.schema.peek());
    this.attach(options.doc.peek());
    this.stops = [
      effect(() => this.followDoc(options.doc.value)),
      effect(() => this.followSchema(options.schema.value)),
    ];
  }

  get(id: Id): Resolved | undefined {
    return this.resolution.get(id);
  }

  /** Who corrected the label or the value; null where it is as it was made. */
  correctedBy(id: Id, what: "labels" | "values"): number | null {
    return this.roots[what].get(id)?.by ?? null;
  }

  /** Called after each transaction that changed annotations, with all that changed. Returns how to stop. */
  onChange(listener: (change: DocumentChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Say something new; returns its id. */
  add(field: string, label: string | null, value: Json): Id {
    const { id, stated } = this.statement(field, label, value);
    this.edit("add", () => this.roots.annotations.set(id, stated));
    return id;
  }

  /** Say many things in one step. */
  addAll(statements: readonly Pick<Statement, "field" | "label" | "value">[]): void {
    const made = statements.map(({ field, label, value }) => this.statement(field, label, value));
    batch(() =>
      this.options.undo.step(`add ${made.length}`, () => {
        for (let at = 0; at < made.length; at += STATEMENTS_PER_TRANSACTION) {
          this.transact(() => made.slice(at, at + STATEMENTS_PER_TRANSACTION).forEach(({ id, stated }) => this.roots.annotations.set(id, stated)));
        }
      }),
    );
  }

  /** Correct the label; a suggestion is accepted by it. */
  relabel(id: Id, label: string): void {
    this.correct("relabel", id, (each, stated) => {
      if (stated.label === label) this.roots.labels.delete(each);
      else this.roots.labels.set(each, { label, ...this.said() });
    });
  }

  /** Correct the value (move a span); a suggestion is accepted by it. */
  revalue(id: Id, value: Json): void {
    this.correct("change", id, (each, stated) => {
      if (canonical(stated.value) === canonical(value)) this.roots.values.delete(each);
      else this.roots.values.set(each, { value, ...this.said() });
    });
  }

  /** Take away what a person said; reject what a model or an import said: that stays readable. */
  remove(id: Id): void {
    this.edit("delete", () => this.takeAway(id));
  }

  accept(ids: readonly Id[]): void {
    this.decideAll("accept", ids, "accepted");
  }

  reject(ids: readonly Id[]): void {
    this.decideAll("reject", ids, "rejected");
  }

  /** Accept every suggestion with at least this score; returns how many. */
  acceptAbove(score: number): number {
    const ids = this.suggestions.peek().filter((mark) => (mark.score ?? -1) >= score).map((mark) => mark.id);
    this.accept(ids);
    return ids.length;
  }

  /** Answer a choice. One answer: what was said before is cleared. Several: this one is put on or taken off. */
  choose(field: string, label: string, on: boolean): void {
    this.edit(on ? "choose" : "take back", () => {
      if (this.schema.isSingle(field)) this.answerSingle(field, on ? label : null, null);
      else if (on) this.answer(field, label, null);
      else this.withdraw(this.marks.peek().filter((mark) => mark.field === field && mark.label === label && mark.status === "accepted"));
    });
  }

  /** Answer a rating; null takes the answer away. */
  rate(field: string, value: number | null): void {
    this.edit(value === null ? "take back" : "rate", () => this.answerSingle(field, null, value));
  }

  /** Make entries as they stood before, whosever they are: one step to undo. */
  restore(edits: readonly Edit[]): void {
    batch(() =>
      this.options.undo.step("restore", () => {
        for (const some of inParts(edits)) this.transact(() => makeAgain(this.options.doc.peek(), some));
      }),
    );
  }

  /** The free text of a field. Another Y.Text after the document was rebuilt: the `doc` signal tells. */
  text(field: string): Y.Text {
    return this.options.doc.value.getText(textRoot(field));
  }

  close(): void {
    this.detach();
    for (const stop of this.stops) stop();
    this.listeners.clear();
  }

  // -- writing

  private edit(words: string, write: () => void): void {
    this.options.undo.step(words, () => this.transact(write));
  }

  private transact(write: () => void): void {
    this.options.doc.peek().transact(write, BY_HAND);
  }

  private get schema(): Schema {
    return this.options.schema.peek();
  }

  private now(): string {
    return (this.options.now?.() ?? new Date()).toISOString();
  }

  private said(): { by: number; at: string } {
    return { by: this.options.me.id, at: this.now() };
  }

  private statement(field: string, label: string | null, value: Json): { id: Id; stated: Statement } {
    const kind = this.schema.field(field)?.kind ?? "";
    const id = this.options.newId?.() ?? newId();
    return { id, stated: { kind, field, label, value, author: this.options.me.id, origin: "human", created: this.now() } };
  }

  /** Correct an annotation and all that say the same, which would show again otherwise. */
  private correct(words: string, id: Id, write: (id: Id, stated: Statement) => void): void {
    const mark = this.get(id);
    if (!mark) return;
    this.edit(words, () => {
      for (const each of mark.status === "accepted" ? this.resolution.sameAs(id) : [id]) {
        const stated = this.roots.annotations.get(each);
        if (stated) write(each, stated);
      }
      if (mark.status !== "accepted") this.decide(id, "accepted");
    });
  }

  private decide(id: Id, status: Decision, at: string = this.now()): void {
    const decision: Decided = { status, by: this.options.me.id, at };
    this.roots.decisions.set(id, decision);
  }

  private decideAll(words: string, ids: readonly Id[], status: Decision): void {
    const open = ids.filter((id) => this.roots.annotations.has(id) && this.get(id)?.status !== status);
    const name = open.length > 1 ? `${words} ${open.length}` : words;
    // One step for undo, many updates for the server; the screen is told once.
    batch(() =>
      this.options.undo.step(name, () => {
        for (let at = 0; at < open.length; at += ENTRIES_PER_TRANSACTION) {
          this.transact(() => open.slice(at, at + ENTRIES_PER_TRANSACTION).forEach((id) => this.settle(id, status)));
        }
      }),
    );
  }

  /** Decide; where a field has one answer, what this one supersedes is cleared. */
  private settle(id: Id, status: Decision): void {
    const field = this.get(id)?.field ?? "";
    if (status === "accepted" && this.schema.isSingle(field)) {
      const same = this.resolution.sameAs(id);
      this.withdraw(this.resolution.answersOf(field).filter((mark) => !same.includes(mark.id)));
    }
    this.decide(id, status, this.momentFor(field));
  }

  /** Now; for a single answer later than what a colleague's fast clock put down, or ours would not count. */
  private momentFor(field: string): string {
    const now = this.now();
    const last = this.schema.isSingle(field) ? this.resolution.lastDecided(field) : "";
    return now > last ? now : new Date(Date.parse(last) + 1).toISOString();
  }

  /** With it goes what says the same: nobody means "one of the two". */
  private takeAway(id: Id): void {
    const mark = this.get(id);
    if (!mark) return;
    this.withdraw(mark.status === "accepted" ? this.resolution.sameAs(id).map((each) => this.get(each)) : [mark]);
  }

  private withdraw(marks: readonly (Resolved | undefined)[]): void {
    for (const mark of marks) {
      if (!mark) continue;
      if (mark.origin === "model" || mark.origin === "import") this.decide(mark.id, "rejected");
      else this.roots.annotations.delete(mark.id);
    }
  }

  /** Of a field that has one answer: this one, or none. */
  private answerSingle(field: string, label: string | null, value: Json): void {
    const before = this.resolution.answersOf(field);
    const wanted = label !== null || value !== null;
    const kept = before.find((mark) => mark.status === "accepted" && mark.label === label && canonical(mark.value) === canonical(value));
    this.withdraw(before.filter((mark) => !wanted || (mark !== kept && mark.status !== "duplicate")));
    if (wanted && !kept) this.answer(field, label, value);
  }

  /** Say it, or accept that a model said it. */
  private answer(field: string, label: string | null, value: Json): void {
    const at = this.momentFor(field);
    const says = (mark: Resolved): boolean => mark.field === field && mark.label === label && canonical(mark.value) === canonical(value);
    if (this.accepted.peek().some((mark) => says(mark) && !this.schema.isSingle(field))) return;
    const suggested = this.suggestions.peek().find(says);
    if (suggested) return this.decide(suggested.id, "accepted", at);
    const { id, stated } = this.statement(field, label, value);
    this.roots.annotations.set(id, { ...stated, created: at });
  }

  // -- reading

  private all(): readonly Resolved[] {
    return this.version.value < 0 ? [] : this.resolution.all();
  }

  private followDoc(doc: Y.Doc): void {
    untracked(() => {
      const roots = rootsOf(doc);
      if (roots.annotations === this.roots.annotations) return;
      this.detach();
      this.roots = roots;
      this.attach(doc);
      this.readTask();
      this.tell(this.resolution.replace(roots, this.schema), false);
    });
  }

  private followSchema(schema: Schema): void {
    untracked(() => this.tell(this.resolution.replace(this.roots, schema), false));
  }

  private attach(doc: Y.Doc): void {
    const { annotations, labels, values, decisions, state } = this.roots;
    const observed = [annotations, labels, values, decisions] as unknown as Y.Map<unknown>[];
    const note = (event: Y.YMapEvent<unknown>): void => {
      for (const id of event.keysChanged as Set<Id>) this.touched.add(id);
    };
    const flush = (transaction: Y.Transaction): void => this.flush(transaction.local);
    const readTask = (): void => this.readTask();
    for (const map of observed) map.observe(note);
    state.observe(readTask);
    doc.on("afterTransaction", flush);
    this.readTask();
    this.detach = () => {
      for (const map of observed) map.unobserve(note);
      state.unobserve(readTask);
      doc.off("afterTransaction", flush);
    };
  }

  private flush(mine: boolean): void {
    if (!this.touched.size) return;
    const touched = this.touched;
    this.touched = new Set();
    this.tell(this.resolution.read(touched), mine);
  }

  private tell(before: Changes, mine: boolean): void {
    if (!before.size) return;
    batch(() => {
      this.version.value += 1;
      for (const listener of this.listeners) listener({ before, mine });
    });
  }

  private readTask(): void {
    const said = this.roots.state.get(TASK) as Partial<TaskState> | undefined;
    this.state.value = { status: said?.status ?? "open", by: said?.by ?? null, at: said?.at ?? null };
  }
}

/** In transactions whose updates stay below the server's limit; a text of its own size is cut on its way. */
function inParts(edits: readonly Edit[]): Edit[][] {
  const parts: Edit[][] = [];
  let size = Infinity;
  for (const edit of edits) {
    const length = canonical(edit.value).length + edit.key.length + EDIT_OVERHEAD;
    if (size + length > PART_LENGTH) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(edit);
    size += length;
  }
  return parts;
}

function countsOf(accepted: readonly Resolved[]): ReadonlyMap<string, number> {
  const byField = new Map<string, Map<string | null, number>>();
  for (const { field, label } of accepted) {
    const byLabel = byField.get(field) ?? new Map<string | null, number>();
    if (!byLabel.size) byField.set(field, byLabel);
    byLabel.set(label, (byLabel.get(label) ?? 0) + 1);
  }
  return new Map([...byField].flatMap(([field, byLabel]) => [...byLabel].map(([label, n]) => [countKey(field, label), n] as const)));
}
