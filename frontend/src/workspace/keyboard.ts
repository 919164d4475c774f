/** Which key does what. Knows keys, commands and labels' hotkeys; does nothing itself. Labels' keys win over commands'. */

export type Command =
  | "accept"
  | "reject"
  | "forward"
  | "back"
  | "remove"
  | "undo"
  | "redo"
  | "submit"
  | "next task"
  | "previous task"
  | "clear"
  | "guidelines"
  | "comment"
  | "history"
  | "help";

export interface LabelHotkey {
  readonly hotkey: string;
  readonly field: string;
  readonly label: string;
}

export type Pressed = { readonly command: Command } | { readonly label: LabelHotkey };

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

const LETTERS: Readonly<Partial<Record<Command, string>>> = {
  accept: "a",
  reject: "x",
  forward: "j",
  back: "k",
  "next task": "n",
  "previous task": "p",
  guidelines: "g",
  comment: "c",
  history: "h",
};

const TITLES: Readonly<Record<Command, string>> = {
  accept: "Accept the suggestion",
  reject: "Reject the suggestion",
  forward: "To the next suggestion or label",
  back: "To the previous one",
  remove: "Delete the selected label",
  undo: "Undo what I did",
  redo: "Do it again",
  submit: "Submit the task",
  "next task": "Next task",
  "previous task": "Previous task",
  clear: "Put away, select nothing",
  guidelines: "Guidelines",
  history: "What was done here",
  comment: "Comment on the selected label, or on the task",
  help: "This list",
};

export class Keyboard {
  private readonly byHotkey: ReadonlyMap<string, LabelHotkey>;
  private readonly byLetter: ReadonlyMap<string, Command>;

  constructor(
    labels: readonly LabelHotkey[],
    private readonly mac: boolean,
  ) {
    // The first label with a key has it.
    this.byHotkey = new Map([...labels].reverse().map((label) => [label.hotkey.toLowerCase(), label]));
    this.byLetter = new Map(Object.entries(LETTERS).map(([command, letter]) => [letter, command as Command]));
  }

  pressed(key: Key, place: Place): Pressed | null {
    const command = this.command(key, place);
    if (command) return { command };
    if (place === "typing" || key.altKey || key.ctrlKey || key.metaKey || key.shiftKey) return null;
    const label = this.byHotkey.get(key.key.toLowerCase()) ?? this.byHotkey.get(latin(key));
    return label ? { label } : null;
  }

  /** How a command is called, for people: key caps. */
  keys(command: Command): readonly string[] {
    const mod = this.mac ? "⌘" : "Ctrl+";
    const letter = LETTERS[command];
    const own = letter ? [this.moved(letter) ? `⇧${letter.toUpperCase()}` : letter.toUpperCase()] : [];
    const more: Partial<Record<Command, string[]>> = {
      forward: ["↓"],
      back: ["↑"],
      remove: ["Del"],
      undo: [`${mod}Z`],
      redo: [`${mod}⇧Z`],
      submit: [`${mod}↵`],
      "next task": ["Alt+→"],
      "previous task": ["Alt+←"],
      clear: ["Esc"],
      help: ["?"],
    };
    return [...own, ...(more[command] ?? [])];
  }

  /** Every command with its name and keys, in the order of the help. */
  list(): readonly { command: Command; title: string; keys: readonly string[] }[] {
    return (Object.keys(TITLES) as Command[]).map((command) => ({ command, title: TITLES[command], keys: this.keys(command) }));
  }

  private command(key: Key, place: Place): Command | null {
    if ((key.ctrlKey || key.metaKey) && !key.altKey) return chord(key);
    if (place === "typing") return key.key === "Escape" ? "clear" : null;
    if (key.altKey && !key.shiftKey) return { ArrowRight: "next task", ArrowLeft: "previous task" }[key.key] as Command | undefined ?? null;
    if (key.altKey) return null;
    return this.plain(key, place);
  }

  private plain(key: Key, place: Place): Command | null {
    if (key.key === "?") return "help";
    if (key.key === "Escape") return "clear";
    if (key.key === "Delete" || key.key === "Backspace") return "remove";
    if (place === "elsewhere" && !key.shiftKey && key.key === "ArrowDown") return "forward";
    if (place === "elsewhere" && !key.shiftKey && key.key === "ArrowUp") return "back";
    const letter = latin(key);
    return this.moved(letter) === key.shiftKey ? (this.byLetter.get(letter) ?? null) : null;
  }

  /** A label has this letter: the command is then called with Shift. */
  private moved(letter: string): boolean {
    return this.byHotkey.has(letter);
  }
}

function chord(key: Key): Command | null {
  const letter = latin(key);
  if (key.key === "Enter") return "submit";
  if (letter === "z") return key.shiftKey ? "redo" : "undo";
  if (letter === "y" && key.ctrlKey) return "redo";
  return null;
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
