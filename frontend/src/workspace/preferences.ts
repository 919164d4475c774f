/** What a person chose for the workspace in this browser: keys, whole words. Kept per person, and not lost with a logout. */

import { effect, signal } from "@preact/signals";
import { ALL_COMMANDS } from "./commands";
import type { OwnKeys } from "./keyboard";

interface Kept {
  readonly keys?: unknown;
  readonly snap?: unknown;
}

export class Preferences {
  readonly keys;
  /** Selections end where words end. */
  readonly snap;

  constructor(person: number) {
    const name = `colabel-preferences/${person}`;
    const kept = read(name);
    this.keys = signal<OwnKeys>(ownKeys(kept.keys));
    this.snap = signal(kept.snap !== false);
    let isFirst = true;
    effect(() => {
      const now = JSON.stringify({ keys: this.keys.value, snap: this.snap.value });
      if (!isFirst) write(name, now);
      isFirst = false;
    });
  }
}

function read(name: string): Kept {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(name) ?? "{}");
    return typeof kept === "object" && kept !== null ? kept : {};
  } catch {
    return {};
  }
}

function write(name: string, kept: string): void {
  try {
    localStorage.setItem(name, kept);
  } catch {
    // Storage may be switched off or full; the choice then holds until the page is left.
  }
}

/** What this browser kept may be of another version: only what is known is taken. */
function ownKeys(kept: unknown): OwnKeys {
  if (typeof kept !== "object" || kept === null) return {};
  const isChords = (value: unknown): value is string[] => Array.isArray(value) && value.every((each) => typeof each === "string");
  const known = Object.entries(kept).filter(([command, chords]) => (ALL_COMMANDS as readonly string[]).includes(command) && isChords(chords));
  return Object.fromEntries(known);
}
