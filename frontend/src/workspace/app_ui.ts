/** What this window shows and holds: the selected mark, the armed label, open panels, toasts. Nothing of it is shared. */

import { signal } from "@preact/signals";
import type { Span } from "./model";
import type { Past, Restoring } from "./app_history";

export type Tab = "labels" | "suggestions" | "comments" | "history";
export type Sheet = "left" | "right" | null;
export type DialogName = "help" | "guidelines" | "refused" | "palette" | "restore";

/** UTF-16 offsets into the task's text, start before end. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

export interface LabelChoice {
  readonly field: string;
  readonly label: string;
}

/** The text on the screen, as far as commands need it. Offsets are UTF-16. */
export interface TextHand {
  caret(): number;
  select(range: TextRange): void;
  focus(): void;
}

/** To be confirmed: a label for every place where a wording stands. */
export interface Asking {
  readonly choice: LabelChoice;
  readonly wording: string;
  readonly spans: readonly Span[];
  /** So many places have the label already. */
  readonly labelled: number;
}

export interface Toast {
  readonly id: number;
  readonly tone: "info" | "warn" | "bad";
  readonly sentence: string;
  readonly action?: { readonly name: string; readonly run: () => void };
}

/** A comment that is being written: what it speaks of was chosen when it was begun. */
export interface Draft {
  readonly body: string;
  readonly on: string | null;
  readonly quote: string | null;
}

const TOAST_SECONDS = 8;
const MOST_TOASTS = 4;

export class Ui {
  readonly selected = signal<string | null>(null);
  readonly range = signal<TextRange | null>(null);
  readonly armed = signal<LabelChoice | null>(null);
  /** The colleague (a user's id) whose view this window goes along with. */
  readonly following = signal<number | null>(null);
  /** What a span was given last: to give again. */
  readonly lastLabel = signal<LabelChoice | null>(null);
  readonly asking = signal<Asking | null>(null);
  /** Set by the text's panel while it stands there. */
  hand: TextHand | null = null;
  readonly tab = signal<Tab>("labels");
  readonly sheet = signal<Sheet>(null);
  readonly dialog = signal<DialogName | null>(null);
  /** The moment of the past that is looked at, instead of now. */
  readonly past = signal<Past | null>(null);
  readonly restoring = signal<Restoring | null>(null);
  readonly draft = signal<Draft | null>(null);
  /** Raised whenever the hand wants to write a comment. */
  readonly wantsToComment = signal(0);
  readonly threshold = signal(0.9);
  /** Only suggestions with that score are shown, in the list and in the text. */
  readonly onlyAbove = signal(false);
  readonly order = signal<"text" | "score">("text");
  readonly toasts = signal<readonly Toast[]>([]);
  /** Told politely to screen readers. */
  readonly announcement = signal("");
  /** What a key just did, for a few seconds, where its effect may be out of sight. */
  readonly note = signal<{ readonly sentence: string } | null>(null);
  /** What was last told of running models. */
  runsSaid = "";
  private toastsMade = 0;

  /** Something lies over the workspace, or is about to. */
  get hasDialog(): boolean {
    return this.dialog.value !== null || this.asking.value !== null;
  }

  /** Say something; what is bad stays until it is put away. */
  toast(tone: Toast["tone"], sentence: string, action?: Toast["action"]): void {
    const id = ++this.toastsMade;
    const others = this.toasts.value.filter((toast) => toast.sentence !== sentence);
    this.toasts.value = [...others, { id, tone, sentence, ...(action && { action }) }].slice(-MOST_TOASTS);
    if (tone !== "bad") setTimeout(() => this.dismiss(id), TOAST_SECONDS * 1000);
  }

  dismiss(id: number): void {
    this.toasts.value = this.toasts.value.filter((toast) => toast.id !== id);
  }

  /** Another task: nothing of the old one is held any more. Toasts stay, they may not have been read. */
  forget(): void {
    this.selected.value = null;
    this.range.value = null;
    this.armed.value = null;
    this.following.value = null;
    this.asking.value = null;
    this.draft.value = null;
    this.past.value = null;
    this.restoring.value = null;
  }
}
