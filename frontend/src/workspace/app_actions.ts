/** What a person can do in the workspace: one method a deed, whether by key, button or list. Writes go to the open task. */

import { batch } from "@preact/signals";
import { afterLosing, neighbour, spanOf } from "./app_entries";
import { WorkspaceState } from "./app_state";
import type { LabelChoice, TextRange } from "./app_ui";
import type { Command, Pressed } from "./keyboard";
import type { Project, Resolved, Span, Task } from "./model";
import type { Edit } from "./rebuild";
import { t } from "../words/words";

/** What leads out of this window: another task, and the server's verdicts. Told by the page. */
export interface Ways {
  goTo(task: number): Promise<void>;
  submit(): Promise<void>;
  skip(): Promise<void>;
  reopen(): Promise<void>;
  startRun(backend: number): Promise<void>;
  stopRun(run: number): Promise<void>;
}

export class Workspace extends WorkspaceState {
  /** Set once by the page, before anything is shown. */
  ways!: Ways;

  /** A label's key or line: answers a choice; else labels the selected text, relabels the selected mark, or is armed. */
  pressLabel(choice: LabelChoice): void {
    if (!this.mayWrite.value) return;
    const kind = this.field(choice.field)?.kind;
    const selected = this.selectedMark();
    if (kind === "choice") this.answer(choice);
    if (kind !== "span") return;
    if (this.ui.range.value) this.labelText(this.ui.range.value, choice);
    else if (selected && selected.field === choice.field) this.relabel(selected.id, choice.label);
    else this.arm(choice);
  }

  /** A stretch of text was selected and the hand let go: an armed label takes it. */
  settle(range: TextRange): void {
    const armed = this.ui.armed.value;
    if (armed) this.labelText(range, armed);
  }

  /** The selection in the text moved: colleagues see it, and it is what a label's key means now. */
  selectText(range: TextRange): void {
    const held = range.from < range.to;
    batch(() => {
      this.ui.range.value = held ? range : null;
      if (held) this.ui.selected.value = null;
    });
    this.presence.value.setSelection(this.offsets.value.spanOf(range.from, range.to));
  }

  /** Select a mark in the lists and the text; the list that holds it is shown. */
  choose(id: string | null): void {
    batch(() => {
      this.ui.selected.value = id;
      const mark = this.selectedMark();
      // Who reads comments or the history goes on reading them: those of what is selected.
      if (mark && (this.ui.tab.peek() === "labels" || this.ui.tab.peek() === "suggestions")) this.ui.tab.value = mark.status === "suggested" ? "suggestions" : "labels";
      if (id) this.ui.range.value = null;
    });
  }

  /** A click on marks: the shortest there, and with each further click the next one around it. */
  clickMarks(ids: readonly string[]): void {
    const at = ids.indexOf(this.ui.selected.value ?? "");
    this.choose(ids.length ? (ids[(at + 1) % ids.length] ?? null) : null);
  }

  accept(id: string): void {
    this.decide(id, () => this.document.value.accept([id]));
  }

  reject(id: string): void {
    this.decide(id, () => this.document.value.reject([id]));
  }

  acceptAll(marks: readonly Resolved[]): void {
    if (!this.mayWrite.value || !marks.length) return;
    this.document.value.accept(marks.map((mark) => mark.id));
    this.say(`${marks.length} suggestions accepted`);
  }

  relabel(id: string, label: string): void {
    const mark = this.mark(id);
    if (!this.mayWrite.value || !mark || mark.label === label) return;
    if (mark.status === "suggested") this.decide(id, () => this.document.value.relabel(id, label));
    else this.document.value.relabel(id, label);
  }

  remove(id: string): void {
    const mark = this.mark(id);
    if (!this.mayWrite.value || !mark) return;
    if (mark.status === "suggested") {
      this.reject(id);
      return;
    }
    const next = this.ui.selected.value === id ? afterLosing(this.accepted.value, id) : undefined;
    this.document.value.remove(id);
    if (this.ui.selected.value === id) this.choose(next?.id ?? null);
    this.say(`Deleted ${this.wording(mark)}`);
  }

  /** Show the comments; a new one speaks of this annotation, or of the task. */
  comment(id: string | null): void {
    batch(() => {
      this.ui.tab.value = "comments";
      this.ui.sheet.value = "right";
      if (id !== null) this.choose(id);
      this.ui.wantsToComment.value += 1;
    });
  }

  /** Show what was done in the task, or with what is selected. */
  openHistory(): void {
    this.ui.tab.value = "history";
    this.ui.sheet.value = "right";
  }

  /** Make the task, or a part of it, as it was. */
  restore(edits: readonly Edit[]): void {
    if (!this.isWriter.peek() || !edits.length) return;
    this.ui.past.value = null;
    this.document.value.restore(edits);
    this.ui.toast("info", t("Restored. Everybody sees it now."), { name: t("Undo"), run: () => this.undo() });
  }

  /** To where I was mentioned. */
  async goToComment(task: number, on: string | null): Promise<void> {
    if (task !== this.task.peek().id) await this.goTo(task);
    if (task === this.task.peek().id) this.comment(on);
  }

  rate(field: string, rating: number | null): void {
    if (this.mayWrite.value) this.document.value.rate(field, rating);
  }

  /** Walk the list in view; the text follows. */
  walk(step: 1 | -1): void {
    const list = this.ui.tab.value === "suggestions" ? this.suggestions.value : this.accepted.value;
    const next = neighbour(list, this.ui.selected.value, step);
    if (next) this.choose(next.id);
  }

  undo(): void {
    const words = this.shown.value.open.undo.undo();
    if (words) this.say(`Undone: ${words}`);
  }

  redo(): void {
    const words = this.shown.value.open.undo.redo();
    if (words) this.say(`Done again: ${words}`);
  }

  goTo(task: number): Promise<void> {
    return this.ways.goTo(task);
  }

  async goBy(step: 1 | -1): Promise<void> {
    const next = await this.queue.neighbour(this.task.value.id, step);
    if (next !== null) await this.goTo(next);
  }

  /** Do what was pressed; false where it meant nothing here, so that the browser may have it. */
  press(pressed: Pressed): boolean {
    if ("label" in pressed) this.pressLabel(pressed.label);
    else return this.command(pressed.command);
    return true;
  }

  /** Show another task; the old one is left, and what of it is unsaved stays in this browser. */
  show(task: Task): void {
    const before = this.shown.value;
    batch(() => {
      this.ui.forget();
      this.runList.value = task.runs;
      this.shown.value = this.openTask(task);
    });
    before.activity.stop();
    before.open.close();
    document.title = `Task ${task.position} · ${this.project.value.name} · Colabel`;
    this.say(`Task ${task.position} of ${task.total}`);
  }

  hearProject(project: Project): void {
    this.project.value = project;
  }

  say(sentence: string): void {
    this.ui.announcement.value = sentence;
  }

  private command(command: Command): boolean {
    const deeds: Readonly<Record<Command, () => void>> = {
      accept: () => this.onSuggestion((id) => this.accept(id)),
      reject: () => this.onSuggestion((id) => this.reject(id)),
      forward: () => this.walk(1),
      back: () => this.walk(-1),
      remove: () => this.ui.selected.value && this.remove(this.ui.selected.value),
      undo: () => this.ui.past.peek() || this.undo(),
      redo: () => this.ui.past.peek() || this.redo(),
      submit: () => this.mayWrite.value && void this.ways.submit(),
      "next task": () => void this.goBy(1),
      "previous task": () => void this.goBy(-1),
      clear: () => (this.ui.past.peek() ? (this.ui.past.value = null) : this.clear()),
      guidelines: () => this.project.value.guidelines_html && (this.ui.dialog.value = "guidelines"),
      comment: () => this.comment(this.ui.selected.peek()),
      history: () => this.openHistory(),
      help: () => (this.ui.dialog.value = "help"),
    };
    deeds[command]();
    return true;
  }

  /** Without a selected suggestion the first press shows which one is meant; nothing is decided unseen. */
  private onSuggestion(deed: (id: string) => void): void {
    const selected = this.selectedMark();
    const first = this.suggestions.value[0];
    if (selected?.status === "suggested") deed(selected.id);
    else if (first) this.choose(first.id);
  }

  private decide(id: string, deed: () => void): void {
    const mark = this.mark(id);
    if (!this.mayWrite.value || mark?.status !== "suggested") return;
    const next = afterLosing(this.suggestions.value, id);
    const wasSelected = this.ui.selected.value === id;
    deed();
    if (wasSelected) this.choose(next?.id ?? null);
  }

  private labelText(range: TextRange, choice: LabelChoice): void {
    const trimmed = trim(this.task.value.text, range);
    if (!trimmed) return;
    const span = this.offsets.value.spanOf(trimmed.from, trimmed.to);
    const same = this.accepted.value.find((mark) => isSame(mark, choice, span));
    const id = same?.id ?? this.document.value.add(choice.field, choice.label, { start: span.start, end: span.end });
    batch(() => {
      this.ui.range.value = null;
      this.ui.tab.value = "labels";
      // With an armed label the hand goes on selecting: the next key means a label to arm, not this mark.
      this.ui.selected.value = this.ui.armed.value ? null : id;
    });
  }

  /** Choices: press to answer; press what holds already to take it back. */
  private answer({ field, label }: LabelChoice): void {
    this.document.value.choose(field, label, !this.hasAnswer(field, label));
  }

  private arm(choice: LabelChoice): void {
    const { armed } = this.ui;
    const again = armed.value?.field === choice.field && armed.value.label === choice.label;
    armed.value = again ? null : choice;
    this.say(again ? "No label is armed" : `The next selection becomes ${this.labelOf({ ...choice, labelRemoved: false }).name}`);
  }

  private clear(): void {
    batch(() => {
      this.ui.sheet.value = null;
      this.ui.armed.value = null;
      this.ui.range.value = null;
    });
    this.choose(null);
  }
}

function isSame(mark: Resolved, choice: LabelChoice, span: Span): boolean {
  const value = spanOf(mark);
  return mark.field === choice.field && mark.label === choice.label && value?.start === span.start && value.end === span.end;
}

/** A hand selects blanks at the ends without meaning them. */
export function trim(text: string, range: TextRange): TextRange | null {
  const wording = text.slice(range.from, range.to);
  const from = range.from + (wording.length - wording.trimStart().length);
  const to = range.from + wording.trimEnd().length;
  return from < to ? { from, to } : null;
}
