/** Which key does what. Knows keys, commands and labels' hotkeys; does nothing itself. Labels' keys win over commands'. */

import { ALL_COMMANDS, type Chord, type Command, COMMANDS } from "./commands";

export type { Chord, Command } from "./commands";

export interface LabelHotkey {
  readonly hotkey: string;
  readonly field: string;
  readonly label: string;
}

export type Pressed = { readonly command: Command } | { readonly label: LabelHotkey };

/** The keys that a person chose in the place of the usual ones. */
export type OwnKeys = Readonly<Partial<Record<Command, readonly Chord[]>>>;

/** The part of a keyboard event that we look at. */
export interface Key {
  readonly key: string;
  readonly code: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

/** Where the hand is: keys mean less in the text (arrows move its caret) and nothing of ours in a text field. */
export type Place = "text" | "typing" | "elsewhere";

const CARET_MOVES = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown"]);
const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "Dead", "Process", "Unidentified"]);

export class Keyboard {
  private readonly byHotkey: ReadonlyMap<string, LabelHotkey>;
  private readonly byChord: ReadonlyMap<Chord, Command>;

  constructor(
    labels: readonly LabelHotkey[],
    private readonly mac: boolean,
    private readonly own: OwnKeys = {},
  ) {
    // The first label with a key has it.
    this.byHotkey = new Map([...labels].reverse().map((label) => [label.hotkey.toLowerCase(), label]));
    this.byChord = new Map(ALL_COMMANDS.flatMap((command) => this.chords(command).map((chord) => [chord, command] as const)));
  }

  pressed(key: Key, place: Place): Pressed | null {
    const command = this.commandOf(key, place);
    if (command) return { command };
    if (place === "typing" || key.altKey || key.ctrlKey || key.metaKey || key.shiftKey) return null;
    const label = this.byHotkey.get(key.key.toLowerCase()) ?? this.byHotkey.get(latin(key));
    return label ? { label } : null;
  }

  /** How a command is called, for people: key caps. */
  keys(command: Command): readonly string[] {
    return this.chords(command).map((chord) => this.cap(chord));
  }

  /** A chord as it stands on the keys. */
  cap(chord: Chord): string {
    const { names, name } = apart(chord);
    const marks: Readonly<Record<string, string>> = { Mod: this.mac ? "⌘" : "Ctrl+", Alt: this.mac ? "⌥" : "Alt+", Shift: "⇧" };
    return names.map((each) => marks[each]).join("") + (CAPS[name] ?? name.toUpperCase());
  }

  /** What calls a command now. A letter that a label has is the label's: the command is then called with Shift. */
  chords(command: Command): readonly Chord[] {
    return (this.own[command] ?? COMMANDS[command].keys).map((chord) => (this.byHotkey.has(chord) ? `Shift+${chord}` : chord));
  }

  isOwn(command: Command): boolean {
    return this.own[command] !== undefined;
  }

  /** Who has this chord already. */
  holder(chord: Chord): Pressed | null {
    const label = this.byHotkey.get(chord);
    if (label) return { label };
    const command = this.byChord.get(chord);
    return command ? { command } : null;
  }

  private commandOf(key: Key, place: Place): Command | null {
    for (const chord of chordsOf(key)) {
      const command = this.byChord.get(chord);
      // Cmd+Y is the browser's own on a Mac.
      if (command && this.isFor(chord, command, place) && !(chord === "Mod+y" && key.metaKey)) return command;
    }
    return null;
  }

  private isFor(chord: Chord, command: Command, place: Place): boolean {
    if (place === "typing") return COMMANDS[command].anywhere === true && (chord.startsWith("Mod+") || chord === "Escape");
    return place === "elsewhere" || !CARET_MOVES.has(chord);
  }
}

const CAPS: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Enter: "↵",
  Escape: "Esc",
  Delete: "Del",
  Backspace: "⌫",
  Tab: "⇥",
  PageUp: "PgUp",
  PageDown: "PgDn",
};

/** What was pressed, as chords; first what a person would call it. None for a modifier alone. */
export function chordsOf(key: Key): readonly Chord[] {
  if (MODIFIERS.has(key.key)) return [];
  const letter = latin(key);
  if (letter && (key.altKey || /^[\p{L}\p{N}]$/u.test(key.key))) return [chord(key, letter, true)];
  const sign = key.key === " " ? "Space" : key.key;
  // A sign stands on other keys elsewhere, with or without Shift: it goes by itself.
  const named = chord(key, sign, sign.length > 1);
  return letter ? [named, chord(key, letter, true)] : [named];
}

function chord(key: Key, name: string, withShift: boolean): Chord {
  return [(key.ctrlKey || key.metaKey) && "Mod", key.altKey && "Alt", withShift && key.shiftKey && "Shift", name].filter(Boolean).join("+");
}

function apart(chord: Chord): { names: readonly string[]; name: string } {
  const parts = chord.split(/\+(?=.)/);
  return { names: parts.slice(0, -1), name: parts[parts.length - 1] ?? "" };
}

/** The letter or digit on the key, also where the layout writes another script (ф on the key A). */
function latin(key: Key): string {
  if (/^[a-z]$/i.test(key.key)) return key.key.toLowerCase();
  return /^(?:Key|Digit)(\w)$/.exec(key.code)?.[1]?.toLowerCase() ?? "";
}

/** Where a keyboard event happened. The task's text can be focused, but nobody types into it. */
export function placeOf(target: EventTarget | null): Place {
  if (!(target instanceof Element)) return "elsewhere";
  if (target.closest(".text .cm-content")) return "text";
  return target.closest("input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable=true]") ? "typing" : "elsewhere";
}
