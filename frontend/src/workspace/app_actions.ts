/** What a person can do in the workspace: one method a deed, whether by key, button or list. Writes go to the open task. */

import { batch } from "@preact/signals";
import { t, tn } from "../words/words";
import { afterLosing, neighbour, spanOf } from "./app_entries";
import { WorkspaceState } from "./app_state";
import type { LabelChoice, TextRange } from "./app_ui";
import { DEEDS } from "./deeds";
import type { Pressed } from "./keyboard";
import type { Project, Resolved, Span, Task } from "./model";
import type { Edit } from "./rebuild";
import { shortened, trim } from "./wording";
import { snapped } from "./word_bounds";

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

  /** A selection as it is meant: of whole words, unless the person wants otherwise. */
  meant(range: TextRange): TextRange {
    const trimmed = trim(this.task.value.text, range) ?? range;
    return this.preferences.snap.value ? snapped(this.task.value.text, trimmed) : range;
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

  /** The part of the text on my screen, UTF-16: for those who go along with it. */
  seeText(range: TextRange): void {
    this.presence.value.setView(this.offsets.value.spanOf(range.from, range.to));
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

  /** Select by a key, which moves no focus: a voice says where the person is now. */
  reach(mark: Resolved): void {
    this.choose(mark.id);
    this.say([this.called(mark), mark.status === "suggested" && mark.score?.toFixed(2)].filter(Boolean).join(" "));
  }

  /** A click on marks: the shortest there, and with each further click the next one around it. */
  clickMarks(ids: readonly string[]): void {
    const at = ids.indexOf(this.ui.selected.value ?? "");
    this.choose(ids.length ? (ids[(at + 1) % ids.length] ?? null) : null);
  }

  accept(id: string): void {
    this.decide(id, (mark) => this.named(t("{what} accepted", { what: this.called(mark) }), () => this.document.value.accept([id])));
  }

  reject(id: string): void {
    this.decide(id, (mark) => this.named(t("{what} rejected", { what: this.called(mark) }), () => this.document.value.reject([id])));
  }

  acceptAll(marks: readonly Resolved[]): void {
    if (!this.mayWrite.value || !marks.length) return;
    const did = tn(marks.length, "{n} suggestion accepted", "{n} suggestions accepted");
    this.named(did, () => this.document.value.accept(marks.map((mark) => mark.id)));
    this.tell(did);
  }

  /** Which suggestions are shown. One that is not to be seen is not selected either: a key must not decide on it. */
  filter(threshold: number, onlyAbove: boolean): void {
    batch(() => {
      this.ui.threshold.value = threshold;
      this.ui.onlyAbove.value = onlyAbove;
    });
    const selected = this.selectedMark();
    if (selected && !this.isShown(selected)) this.choose(null);
  }

  /** One step for undo, however many. */
  rejectAll(marks: readonly Resolved[]): void {
    if (!this.mayWrite.value || !marks.length) return;
    const did = tn(marks.length, "{n} suggestion rejected", "{n} suggestions rejected");
    this.named(did, () => this.document.value.reject(marks.map((mark) => mark.id)));
    this.tell(did);
  }

  /** Another beginning or end for a span; a suggestion is accepted by it. */
  move(id: string, span: Span): void {
    const mark = this.mark(id);
    if (!this.mayWrite.value || !mark) return;
    const { start, end } = span;
    const what = { what: this.called(mark), wording: shortened(this.offsets.value.slice(start, end)) };
    this.named(t("{what} changed to “{wording}”", what), () => this.document.value.revalue(id, { start, end }));
    this.say(`“${what.wording}”`);
    this.choose(id);
  }

  /** Those of the places that do not have this label. */
  withoutLabel(choice: LabelChoice, spans: readonly Span[]): Span[] {
    const has = new Set(this.accepted.value.filter((mark) => mark.field === choice.field && mark.label === choice.label).map((mark) => placeOf(spanOf(mark))));
    return spans.filter((span) => !has.has(placeOf(span)));
  }

  /** Do something whose undo is told in these words. */
  named<T>(words: string, deed: () => T): T {
    return this.shown.value.open.undo.named(words, deed);
  }

  /** What a person would call a mark: “London” (Location). */
  called(mark: Resolved): string {
    return `“${shortened(this.wording(mark))}”${spanOf(mark) ? ` (${this.labelOf(mark).name})` : ""}`;
  }

  relabel(id: string, label: string): void {
    const mark = this.mark(id);
    if (!this.mayWrite.value || !mark || mark.label === label) return;
    const name = this.labelOf({ field: mark.field, label, labelRemoved: false }).name;
    const change = (): void => this.named(t("{what} relabelled {label}", { what: this.called(mark), label: name }), () => this.document.value.relabel(id, label));
    if (spanOf(mark)) this.ui.lastLabel.value = { field: mark.field, label };
    if (mark.status === "suggested") this.decide(id, change);
    else change();
  }

  remove(id: string): void {
    const mark = this.mark(id);
    if (!this.mayWrite.value || !mark) return;
    if (mark.status === "suggested") {
      this.reject(id);
      return;
    }
    const next = this.ui.selected.value === id ? afterLosing(this.accepted.value, id) : undefined;
    this.named(t("{what} deleted", { what: this.called(mark) }), () => this.document.value.remove(id));
    if (this.ui.selected.value === id) this.choose(next?.id ?? null);
    this.say(t("{what} deleted", { what: this.wording(mark) }));
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
    this.named(t("restore"), () => this.document.value.restore(edits));
    this.ui.toast("info", t("Restored. Everybody sees it now."), { name: t("Undo"), run: () => this.undo() });
  }

  /** To where I was mentioned. */
  async goToComment(task: number, on: string | null): Promise<void> {
    if (task !== this.task.peek().id) await this.goTo(task);
    if (task === this.task.peek().id) this.comment(on);
  }

  rate(field: string, rating: number | null): void {
    if (!this.mayWrite.value) return;
    const name = this.field(field)?.name ?? field;
    this.named(`${name}: ${rating ?? "–"}`, () => this.document.value.rate(field, rating));
  }

  /** Walk the list in view; the text follows. */
  walk(step: 1 | -1): void {
    const list = this.ui.tab.value === "suggestions" ? this.suggestions.value : this.accepted.value;
    const next = neighbour(list, this.ui.selected.value, step);
    if (next) this.reach(next);
  }

  undo(): void {
    if (this.ui.past.peek()) return;
    const words = inWords(this.shown.value.open.undo.undo());
    this.tell(words ? t("Undone: {what}", { what: words }) : t("There is nothing of yours to undo."));
  }

  redo(): void {
    if (this.ui.past.peek()) return;
    const words = inWords(this.shown.value.open.undo.redo());
    this.tell(words ? t("Done again: {what}", { what: words }) : t("There is nothing to do again."));
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
    else return DEEDS[pressed.command](this) !== false;
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
    document.title = `${t("Task {n}", { n: task.position })} · ${this.project.value.name} · Colabel`;
    this.say(t("Task {n} of {all}", { n: task.position, all: task.total }));
  }

  hearProject(project: Project): void {
    this.project.value = project;
  }

  say(sentence: string): void {
    this.ui.announcement.value = sentence;
  }

  /** Say what a key did, and show it for a while. */
  tell(sentence: string): void {
    this.say(sentence);
    this.ui.note.value = { sentence };
  }

  /** Without a selected suggestion the first press shows which one is meant; nothing is decided unseen. */
  onSuggestion(deed: (id: string) => void): void {
    const selected = this.selectedMark();
    const first = this.suggestions.value[0];
    if (selected?.status === "suggested") deed(selected.id);
    else if (first) this.choose(first.id);
  }

  private decide(id: string, deed: (mark: Resolved) => void): void {
    const mark = this.mark(id);
    if (!this.mayWrite.value || mark?.status !== "suggested") return;
    const next = afterLosing(this.suggestions.value, id);
    const wasSelected = this.ui.selected.value === id;
    deed(mark);
    if (!wasSelected) return;
    if (next) this.reach(next);
    else this.choose(null);
  }

  private labelText(range: TextRange, choice: LabelChoice): void {
    const trimmed = trim(this.task.value.text, this.meant(range));
    if (!trimmed) return;
    const span = this.offsets.value.spanOf(trimmed.from, trimmed.to);
    const same = this.accepted.value.find((mark) => isSame(mark, choice, span));
    const what = { wording: shortened(this.task.value.text.slice(trimmed.from, trimmed.to)), label: this.labelOf({ ...choice, labelRemoved: false }).name };
    const add = (): string => this.document.value.add(choice.field, choice.label, { start: span.start, end: span.end });
    batch(() => {
      const id = same?.id ?? this.named(t("“{wording}” labelled {label}", what), add);
      this.ui.lastLabel.value = choice;
      this.ui.range.value = null;
      this.ui.tab.value = "labels";
      // With an armed label the hand goes on selecting: the next key means a label to arm, not this mark.
      this.ui.selected.value = this.ui.armed.value ? null : id;
    });
  }

  /** Choices: press to answer; press what holds already to take it back. */
  private answer({ field, label }: LabelChoice): void {
    const on = !this.hasAnswer(field, label);
    const what = { field: this.field(field)?.name ?? field, label: this.labelOf({ field, label, labelRemoved: false }).name };
    this.named(on ? t("{field}: {label}", what) : t("{field}: no longer {label}", what), () => this.document.value.choose(field, label, on));
  }

  private arm(choice: LabelChoice): void {
    const { armed } = this.ui;
    const again = armed.value?.field === choice.field && armed.value.label === choice.label;
    armed.value = again ? null : choice;
    const label = this.labelOf({ ...choice, labelRemoved: false }).name;
    this.tell(again ? t("No label is armed.") : t("What you select now becomes {label}.", { label }));
  }

  clear(): void {
    batch(() => {
      this.ui.sheet.value = null;
      this.ui.armed.value = null;
      this.ui.range.value = null;
      this.ui.following.value = null;
    });
    this.choose(null);
  }
}

function placeOf(span: { readonly start: number; readonly end: number } | null): string {
  return span ? `${span.start} ${span.end}` : "";
}

/** What has no name of its own: text that was typed. */
function inWords(words: string | null): string | null {
  return words === "typing" ? t("typing") : words === "paste" ? t("pasting") : words;
}

function isSame(mark: Resolved, choice: LabelChoice, span: Span): boolean {
  const value = spanOf(mark);
  return mark.field === choice.field && mark.label === choice.label && value?.start === span.start && value.end === span.end;
}
