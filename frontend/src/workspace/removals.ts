/** Who took what away, as the server tells just before it shows it: a deletion in a document names nobody. */

import type { Id } from "./model";

/** As many as anybody may still ask for. */
const MOST = 1000;

export interface RemovedEvent {
  readonly type: "removed";
  /** A user's id; null for the server itself. */
  readonly by: number | null;
  readonly keys: Readonly<Record<string, readonly Id[]>>;
}

/** Who did what the annotations themselves do not say; null where nobody knows. */
export interface Authors {
  removedBy(id: Id): number | null;
  correctedBy(id: Id, what: "labels" | "values"): number | null;
}

export class Removals {
  private readonly byKey = new Map<string, number | null>();

  hear({ by, keys }: RemovedEvent): void {
    for (const [root, ids] of Object.entries(keys)) for (const id of ids) this.note(`${root}/${id}`, by);
  }

  /** Who last took this key of a root away; null where that was not told. */
  by(root: string, id: Id): number | null {
    return this.byKey.get(`${root}/${id}`) ?? null;
  }

  private note(key: string, by: number | null): void {
    this.byKey.delete(key);
    this.byKey.set(key, by);
    for (const oldest of this.byKey.keys()) {
      if (this.byKey.size <= MOST) return;
      this.byKey.delete(oldest);
    }
  }
}
