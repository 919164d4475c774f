/** What a task's document says now, and what may be done to it. Twin of projects/document.py. Knows no sockets. */

import { type ReadonlySignal, signal } from "@preact/signals";
import * as Y from "yjs";

import type { Id, Json, Person, Resolved, TaskStatus } from "./model";
import type { Schema } from "./schema";
import type { UndoStack } from "./undo";

/** What the server says of the task as a whole. */
export interface TaskState {
  readonly status: TaskStatus;
  readonly by: number | null;
  readonly at: string | null;
}

export type Verb = "added" | "relabelled" | "changed" | "accepted" | "rejected" | "removed" | "wrote" | "submitted" | "skipped" | "reopened";

/** Somebody else's latest change: `who` is null where the document does not say (a deletion has no author). */
export interface Activity {
  readonly who: number | null;
  readonly origin: Resolved["origin"];
  readonly verb: Verb;
  /** How many annotations; `mark` is one of them (as it was, where it was removed). */
  readonly count: number;
  readonly mark: Resolved | null;
}

/** What changed: ids that are new, different or gone. `mine` is true where this window did it. */
export interface DocumentChange {
  readonly ids: ReadonlySet<Id>;
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

export class TaskDocument {
  /** Everything that is in the document, whatever its status; no order is promised. */
  readonly marks: ReadonlySignal<readonly Resolved[]> = signal([]);
  readonly accepted: ReadonlySignal<readonly Resolved[]> = signal([]);
  readonly suggestions: ReadonlySignal<readonly Resolved[]> = signal([]);
  /** Accepted annotations by `field\0label`. */
  readonly counts: ReadonlySignal<ReadonlyMap<string, number>> = signal(new Map<string, number>());
  readonly state: ReadonlySignal<TaskState> = signal({ status: "open", by: null, at: null });
  readonly activity: ReadonlySignal<Activity | null> = signal(null);
  /** Raised with every change: read it to depend on everything. */
  readonly version: ReadonlySignal<number> = signal(0);

  constructor(readonly options: DocumentOptions) {}

  get(_id: Id): Resolved | undefined {
    return undefined;
  }

  /** Called after each transaction that changed annotations, with all that changed. Returns how to stop. */
  onChange(_listener: (change: DocumentChange) => void): () => void {
    return () => undefined;
  }

  /** What answers a field now: one for a single choice or rating, any number for several. */
  answers(_field: string): readonly Resolved[] {
    return [];
  }

  add(_field: string, _label: string | null, _value: Json): Id {
    return "";
  }

  /** Correct the label; a suggestion is accepted by it. */
  relabel(_id: Id, _label: string): void {}

  /** Correct the value (move a span); a suggestion is accepted by it. */
  revalue(_id: Id, _value: Json): void {}

  /** Take my own annotation away; reject what others, models or imports said. */
  remove(_id: Id): void {}

  accept(_ids: readonly Id[]): void {}

  reject(_ids: readonly Id[]): void {}

  acceptAbove(_score: number): number {
    return 0;
  }

  /** Answer a choice. Single: what was said before is cleared. Several: this one is put on or taken off. */
  choose(_field: string, _label: string, _on: boolean): void {}

  /** Answer a rating; null takes the answer away. */
  rate(_field: string, _value: number | null): void {}

  /** The free text of a field. Another Y.Text after the document was rebuilt: read it where `version` is read. */
  text(field: string): Y.Text {
    return this.options.doc.value.getText(`text/${field}`);
  }

  close(): void {}
}
