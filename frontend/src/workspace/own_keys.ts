/** Giving commands other keys: what stands in the way, and what becomes of it. Pure. */

import { type Chord, type Command, COMMANDS } from "./commands";
import type { Keyboard, LabelHotkey, OwnKeys } from "./keyboard";

export type Obstacle =
  | { readonly kind: "label"; readonly label: LabelHotkey }
  | { readonly kind: "command"; readonly command: Command }
  /** What the browser and screen readers need to get about. */
  | { readonly kind: "browser" };

const NEEDED = new Set(["Tab", "Shift+Tab", "Enter", "Space", "Escape"]);

/** Why a command cannot just have this key; null where it can. */
export function obstacle(keyboard: Keyboard, command: Command, chord: Chord): Obstacle | null {
  if (NEEDED.has(chord) && !COMMANDS[command].keys.includes(chord)) return { kind: "browser" };
  const holder = keyboard.holder(chord);
  if (!holder) return null;
  if ("label" in holder) return { kind: "label", label: holder.label };
  return holder.command === command ? null : { kind: "command", command: holder.command };
}

/** The command has this key and no other; who had it before is left with its others. */
export function withKey(own: OwnKeys, keyboard: Keyboard, command: Command, chord: Chord): OwnKeys {
  const holder = keyboard.holder(chord);
  const loser = holder && "command" in holder && holder.command !== command ? holder.command : null;
  const rest = loser ? { [loser]: keyboard.chords(loser).filter((each) => each !== chord) } : {};
  return { ...own, ...rest, [command]: [chord] };
}

/** The usual keys of one command again. */
export function withoutOwn(own: OwnKeys, command: Command): OwnKeys {
  return Object.fromEntries(Object.entries(own).filter(([each]) => each !== command));
}
