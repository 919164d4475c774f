/** What can be done by a key or by name: every command with its group, its title and the keys that it has by default.
 *
 * A chord is written "Mod+Alt+Shift+Name": Mod is Ctrl or, on a Mac, Cmd; names are letters, digits, signs as typed ("?") or
 * the browser's own ("ArrowRight"). */

import { t } from "../words/words";

export type Chord = string;
export type Group = "suggestions" | "text" | "labels" | "task" | "workspace";

export interface CommandInfo {
  readonly group: Group;
  readonly title: () => string;
  readonly keys: readonly Chord[];
  /** Also while somebody types, where the chord holds Mod or is Escape. */
  readonly anywhere?: true;
  /** Only for who may change the task. */
  readonly writes?: true;
}

const TABLE = {
  accept: { group: "suggestions", title: () => t("Accept the suggestion"), keys: ["a"], writes: true },
  reject: { group: "suggestions", title: () => t("Reject the suggestion"), keys: ["x"], writes: true },
  forward: { group: "suggestions", title: () => t("To the next in the list"), keys: ["j", "ArrowDown"] },
  back: { group: "suggestions", title: () => t("To the previous in the list"), keys: ["k", "ArrowUp"] },
  "other list": { group: "suggestions", title: () => t("The other list: labels or suggestions"), keys: ["v"] },
  "accept shown": { group: "suggestions", title: () => t("Accept all suggestions shown"), keys: ["Alt+a"], writes: true },
  "reject shown": { group: "suggestions", title: () => t("Reject all suggestions shown"), keys: ["Alt+x"], writes: true },

  "to text": { group: "text", title: () => t("Into the text"), keys: ["t"] },
  "select more": { group: "text", title: () => t("Select the word, then the sentence, then the paragraph"), keys: ["s"] },
  "next mark": { group: "text", title: () => t("To the next mark in the text"), keys: ["l"] },
  "previous mark": { group: "text", title: () => t("To the previous mark in the text"), keys: ["h"] },
  "snap": { group: "text", title: () => t("Select whole words: on or off"), keys: ["Alt+s"] },

  "end word later": { group: "labels", title: () => t("Move the end of the span a word on"), keys: ["Shift+ArrowRight"], writes: true },
  "end word sooner": { group: "labels", title: () => t("Move the end of the span a word back"), keys: ["Shift+ArrowLeft"], writes: true },
  "end letter later": { group: "labels", title: () => t("Move the end of the span a character on"), keys: ["Mod+Shift+ArrowRight"], writes: true },
  "end letter sooner": { group: "labels", title: () => t("Move the end of the span a character back"), keys: ["Mod+Shift+ArrowLeft"], writes: true },
  "start word sooner": { group: "labels", title: () => t("Move the start of the span a word back"), keys: ["Alt+Shift+ArrowLeft"], writes: true },
  "start word later": { group: "labels", title: () => t("Move the start of the span a word on"), keys: ["Alt+Shift+ArrowRight"], writes: true },
  "start letter sooner": { group: "labels", title: () => t("Move the start of the span a character back"), keys: ["Mod+Alt+Shift+ArrowLeft"], writes: true },
  "start letter later": { group: "labels", title: () => t("Move the start of the span a character on"), keys: ["Mod+Alt+Shift+ArrowRight"], writes: true },
  repeat: { group: "labels", title: () => t("The last label again"), keys: ["r"], writes: true },
  "repeat everywhere": { group: "labels", title: () => t("Label the same wording everywhere"), keys: ["Alt+r"], writes: true },
  remove: { group: "labels", title: () => t("Delete the selected label"), keys: ["Delete", "Backspace"], writes: true },
  clear: { group: "labels", title: () => t("Put away, select nothing"), keys: ["Escape"], anywhere: true },

  undo: { group: "task", title: () => t("Undo what I did"), keys: ["Mod+z"], anywhere: true, writes: true },
  redo: { group: "task", title: () => t("Do it again"), keys: ["Mod+Shift+z", "Mod+y"], anywhere: true, writes: true },
  submit: { group: "task", title: () => t("Submit the task"), keys: ["Mod+Enter"], anywhere: true, writes: true },
  skip: { group: "task", title: () => t("Skip the task"), keys: [], writes: true },
  "next task": { group: "task", title: () => t("Next task"), keys: ["n", "Alt+ArrowRight"] },
  "previous task": { group: "task", title: () => t("Previous task"), keys: ["p", "Alt+ArrowLeft"] },

  palette: { group: "workspace", title: () => t("Find a command or a label"), keys: ["Mod+k"], anywhere: true },
  comment: { group: "workspace", title: () => t("Comment on the selected label, or on the task"), keys: ["c"] },
  history: { group: "workspace", title: () => t("What was done here"), keys: ["i"] },
  guidelines: { group: "workspace", title: () => t("Guidelines"), keys: ["g"] },
  theme: { group: "workspace", title: () => t("Light or dark theme"), keys: [] },
  help: { group: "workspace", title: () => t("Shortcuts, and how to change them"), keys: ["?"] },
} as const satisfies Readonly<Record<string, CommandInfo>>;

export type Command = keyof typeof TABLE;

export const COMMANDS: Readonly<Record<Command, CommandInfo>> = TABLE;
export const ALL_COMMANDS = Object.keys(TABLE) as readonly Command[];

/** In the order of the help. */
export function groups(): readonly { readonly group: Group; readonly name: string }[] {
  return [
    { group: "suggestions", name: t("Suggestions and lists") },
    { group: "text", name: t("In the text") },
    { group: "labels", name: t("Labels and spans") },
    { group: "task", name: t("Task") },
    { group: "workspace", name: t("Workspace") },
  ];
}

/** Keys that only the text knows, while it has the focus: they are the caret's, and stay. */
export function caretKeys(mac: boolean): readonly { readonly title: string; readonly keys: readonly string[] }[] {
  const mod = mac ? "⌥" : "Ctrl+";
  return [
    { title: t("Move the caret by a word, a line"), keys: ["←", "→", "↑", "↓"] },
    { title: t("Move it by a sentence"), keys: [`${mod}←`, `${mod}→`] },
    { title: t("Select on the way"), keys: ["⇧"] },
  ];
}
