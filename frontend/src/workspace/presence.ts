/** Who else is in the document and what they look at, as they say themselves; the server vouches for who they are. */

import { effect, type ReadonlySignal, signal } from "@preact/signals";
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
  /** The part of the text that is on his screen. */
  readonly view: Selection | null;
}

export class PresenceView {
  readonly others = signal<readonly Presence[]>([]);
  private readonly stop: () => void;

  /** `awareness` is another one after the document was rebuilt. How often it is sent is the connection's business. */
  constructor(readonly awareness: ReadonlySignal<Awareness>) {
    this.stop = effect(() => this.follow(awareness.value));
  }

  setSelection(selection: Selection | null): void {
    this.awareness.peek().setLocalStateField("selection", selection);
  }

  setLookingAt(id: Id | null): void {
    this.awareness.peek().setLocalStateField("looking_at", id);
  }

  setView(view: Selection | null): void {
    this.awareness.peek().setLocalStateField("view", view);
  }

  close(): void {
    this.stop();
  }

  private follow(awareness: Awareness): () => void {
    const read = (): void => this.read(awareness);
    awareness.on("change", read);
    read();
    return () => awareness.off("change", read);
  }

  private read(awareness: Awareness): void {
    const others: Presence[] = [];
    for (const [session, state] of awareness.getStates()) {
      const presence = session === awareness.clientID ? null : readState(session, state);
      if (presence) others.push(presence);
    }
    if (others.length || this.others.peek().length) this.others.value = others;
  }
}

/** What a colleague's browser says of itself is not to be trusted; `user` is stamped by the server. */
function readState(session: number, state: Readonly<Record<string, unknown>>): Presence | null {
  const { user, selection, looking_at: lookingAt, view } = state;
  if (!isPerson(user)) return null;
  return { session, user, selection: readSelection(selection), lookingAt: typeof lookingAt === "string" ? lookingAt : null, view: readSelection(view) };
}

function isPerson(user: unknown): user is Person {
  const { id, name, colour } = (user ?? {}) as Partial<Person>;
  return typeof id === "number" && typeof name === "string" && typeof colour === "string" && /^#[0-9a-f]{6}$/i.test(colour);
}

function readSelection(selection: unknown): Selection | null {
  const { start, end, field } = (selection ?? {}) as Partial<Selection>;
  if (!isOffset(start) || !isOffset(end) || end < start) return null;
  return { start, end, ...(typeof field === "string" && { field }) };
}

function isOffset(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}
