/** What my steps changed, entry by entry, so that they can be taken back when Yjs has forgotten them: after a reload, or after
 * the document was rebuilt. An entry that somebody changed since is left alone. Free text is not among it. */

import type * as Y from "yjs";
import type { Json } from "./model";
import { canonical } from "./resolution";

/** null: there was, or is, no entry. */
export interface EntryChange {
  readonly root: string;
  readonly key: string;
  readonly before: Json;
  readonly after: Json;
}

export interface Step {
  readonly words: string;
  readonly changes: readonly EntryChange[];
}

/** My steps, the last one last; and those taken back, the one to do again last. */
export interface Steps {
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
}

export const NO_STEPS: Steps = { done: [], undone: [] };

/** Roots that people write entry by entry, statements before what speaks of them. */
const ROOTS = ["annotations", "labels", "values", "decisions", "comments", "resolutions"] as const;
/** An update must stay below the server's limit for one edit. */
const ENTRIES_PER_TRANSACTION = 100;

/** Notes what transactions change in a document, until it is asked. */
export class Recorder {
  private noted = new Map<string, EntryChange>();
  readonly stop: () => void;

  constructor(doc: Y.Doc, isMine: (origin: unknown) => boolean) {
    const stops = ROOTS.map((root) => {
      const map = doc.getMap<Json>(root);
      const note = (event: Y.YMapEvent<Json>): void => {
        if (!isMine(event.transaction.origin)) return;
        for (const [key, { oldValue }] of event.changes.keys) this.note({ root, key, before: (oldValue as Json | undefined) ?? null, after: map.get(key) ?? null });
      };
      map.observe(note);
      return () => map.unobserve(note);
    });
    this.stop = () => stops.forEach((stop) => stop());
  }

  take(): readonly EntryChange[] {
    const noted = [...this.noted.values()];
    this.noted = new Map();
    return noted;
  }

  private note(change: EntryChange): void {
    const name = `${change.root}\0${change.key}`;
    const known = this.noted.get(name);
    this.noted.set(name, known ? { ...change, before: known.before } : change);
  }
}

/** One step of what were two: of an entry that both changed, the first `before` and the last `after`. */
export function joined(first: readonly EntryChange[], second: readonly EntryChange[]): readonly EntryChange[] {
  const all = new Map(first.map((change) => [`${change.root}\0${change.key}`, change]));
  for (const change of second) {
    const name = `${change.root}\0${change.key}`;
    all.set(name, { ...change, before: all.get(name)?.before ?? change.before });
  }
  return [...all.values()];
}

/** The step the other way round. */
export function inverse({ words, changes }: Step): Step {
  return { words, changes: changes.map(({ root, key, before, after }) => ({ root, key, before: after, after: before })) };
}

/** What of a step can be done: entries that are as the step found them. */
export function doable(doc: Y.Doc, { changes }: Step): readonly EntryChange[] {
  return changes.filter(({ root, key, before }) => canonical((doc.getMap(root).get(key) ?? null) as Json) === canonical(before));
}

/** Do a step, as far as nobody changed its entries since; false where nothing of it was left to do. */
export function perform(doc: Y.Doc, step: Step, origin: unknown): boolean {
  const order = new Map<string, number>(ROOTS.map((root, place) => [root, place]));
  const changes = [...doable(doc, step)].sort((a, b) => (order.get(a.root) ?? 0) - (order.get(b.root) ?? 0));
  for (let at = 0; at < changes.length; at += ENTRIES_PER_TRANSACTION) {
    doc.transact(() => changes.slice(at, at + ENTRIES_PER_TRANSACTION).forEach((change) => write(doc, change)), origin);
  }
  return changes.length > 0;
}

function write(doc: Y.Doc, { root, key, after }: EntryChange): void {
  if (after === null) doc.getMap(root).delete(key);
  else doc.getMap(root).set(key, after);
}
