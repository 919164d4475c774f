/** Who else is in the document and what they look at, as they say themselves; the server vouches for who they are. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Awareness } from "y-protocols/awareness";

import type { Id, Person } from "./model";

/** Code points, `start` <= `end`; equal for a caret. `field` where it is in a free-text answer. */
export interface Selection {
  readonly start: number;
  readonly end: number;
  readonly field?: string;
}

/** One other session: a colleague, or me in another tab. */
export interface Presence {
  readonly session: number;
  readonly user: Person;
  readonly selection: Selection | null;
  readonly lookingAt: Id | null;
}

export class PresenceView {
  readonly others: ReadonlySignal<readonly Presence[]> = signal([]);

  /** For y-codemirror; another one after the document was rebuilt. */
  constructor(readonly awareness: ReadonlySignal<Awareness>) {}

  setSelection(_selection: Selection | null): void {}

  setLookingAt(_id: Id | null): void {}

  close(): void {}
}
