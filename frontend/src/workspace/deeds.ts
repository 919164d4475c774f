/** What each command does to a workspace. A deed that means nothing here answers false: the browser may then have the key. */

import { t, tn } from "../words/words";
import { neighbour, spanOf } from "./app_entries";
import type { Workspace } from "./app_actions";
import type { TextRange } from "./app_ui";
import type { Command } from "./keyboard";
import type { Resolved } from "./model";
import { toggleTheme } from "./theme";
import { shortened, trim } from "./wording";
import { paragraphAt, resized, sameWordings, sentenceAt, wordAt } from "./word_bounds";

type Deed = (workspace: Workspace) => unknown;
type Side = "start" | "end";
type Unit = "word" | "letter";

export const DEEDS: Readonly<Record<Command, Deed>> = {
  accept: (workspace) => workspace.onSuggestion((id) => workspace.accept(id)),
  reject: (workspace) => workspace.onSuggestion((id) => workspace.reject(id)),
  forward: (workspace) => workspace.walk(1),
  back: (workspace) => workspace.walk(-1),
  "other list": ({ ui }) => void (ui.tab.value = ui.tab.value === "labels" ? "suggestions" : "labels"),
  "accept shown": (workspace) => workspace.acceptAll(workspace.suggestions.value),
  "reject shown": (workspace) => workspace.rejectAll(workspace.suggestions.value),

  "to text": ({ ui }) => ui.hand?.focus(),
  "select more": selectMore,
  "next mark": (workspace) => walkText(workspace, 1),
  "previous mark": (workspace) => walkText(workspace, -1),
  snap: toggleSnap,

  "end word later": resize("end", "word", 1),
  "end word sooner": resize("end", "word", -1),
  "end letter later": resize("end", "letter", 1),
  "end letter sooner": resize("end", "letter", -1),
  "start word sooner": resize("start", "word", -1),
  "start word later": resize("start", "word", 1),
  "start letter sooner": resize("start", "letter", -1),
  "start letter later": resize("start", "letter", 1),
  repeat,
  "repeat everywhere": askForAll,
  remove: (workspace) => workspace.ui.selected.value && workspace.remove(workspace.ui.selected.value),
  clear: (workspace) => (workspace.ui.past.peek() ? void (workspace.ui.past.value = null) : workspace.clear()),

  undo: (workspace) => workspace.undo(),
  redo: (workspace) => workspace.redo(),
  submit: (workspace) => workspace.mayWrite.value && void workspace.ways.submit(),
  skip: (workspace) => workspace.mayWrite.value && void workspace.ways.skip(),
  "next task": (workspace) => void workspace.goBy(1),
  "previous task": (workspace) => void workspace.goBy(-1),

  palette: ({ ui }) => void (ui.dialog.value = "palette"),
  comment: (workspace) => workspace.comment(workspace.ui.selected.peek()),
  history: (workspace) => workspace.openHistory(),
  guidelines: ({ project, ui }) => project.value.guidelines_html && (ui.dialog.value = "guidelines"),
  theme: toggleTheme,
  help: ({ ui }) => void (ui.dialog.value = "help"),
};

/** The word at the caret; then the sentence around what is selected, the paragraph, everything. */
function selectMore(workspace: Workspace): void {
  const { text } = workspace.task.value;
  const hand = workspace.ui.hand;
  if (!hand) return;
  const now = workspace.ui.range.value ?? { from: hand.caret(), to: hand.caret() };
  const around = [wordAt(text, now.from), sentenceAt(text, now.from), paragraphAt(text, now.from), { from: 0, to: text.length }];
  const wider = around.find((range) => range && range.from <= now.from && now.to <= range.to && range.to - range.from > now.to - now.from);
  if (!wider) return;
  hand.select(wider);
  workspace.settle(wider);
}

/** The word that a finger touched. */
export function takeWord(workspace: Workspace, at: number): void {
  const word = wordAt(workspace.task.value.text, at);
  if (!word) return;
  workspace.ui.hand?.select(word);
  workspace.settle(word);
}

/** From mark to mark as they stand in the text, labels and suggestions alike; from the caret where none is selected. */
function walkText(workspace: Workspace, step: 1 | -1): void {
  const marks = workspace.inText.value;
  const caret = workspace.offsets.value.toCodePoint(workspace.ui.hand?.caret() ?? 0);
  const beside = (mark: Resolved): boolean => (step > 0 ? (spanOf(mark)?.start ?? 0) >= caret : (spanOf(mark)?.start ?? 0) < caret);
  const selected = workspace.selectedMark();
  const next = selected ? neighbour(marks, selected.id, step) : step > 0 ? marks.find(beside) : marks.findLast(beside);
  if (next) workspace.reach(next);
}

function toggleSnap(workspace: Workspace): void {
  const { snap } = workspace.preferences;
  snap.value = !snap.value;
  workspace.tell(snap.value ? t("Selections take whole words.") : t("Selections may begin and end within words."));
}

/** Correct where the selected span begins or ends: its statement stays, the correction is written beside it. */
function resize(side: Side, unit: Unit, step: 1 | -1): Deed {
  return (workspace) => {
    const mark = workspace.selectedMark();
    const span = mark && spanOf(mark);
    if (!span || !workspace.mayWrite.value) return false;
    const { offsets } = workspace;
    const next = resized(workspace.task.value.text, offsets.value.rangeOf(span), side, unit, step);
    if (next) workspace.move(mark.id, offsets.value.spanOf(next.from, next.to));
    return true;
  };
}

/** For the thumb: the selected text, or else the selected span, a word longer or shorter at one end. */
export function widen(workspace: Workspace, side: Side, step: 1 | -1): void {
  const { hand, range } = workspace.ui;
  const next = range.value && resized(workspace.task.value.text, range.value, side, "word", step);
  if (next) hand?.select(next);
  else if (!range.value) resize(side, "word", step)(workspace);
}

function repeat(workspace: Workspace): void {
  const last = workspace.ui.lastLabel.value;
  if (last) workspace.pressLabel(last);
  else workspace.tell(t("No label was given yet that could be given again."));
}

/** Where the selected text, or the selected span's, stands elsewhere; asked first, with the number. */
function askForAll(workspace: Workspace): void {
  const { ui, task, offsets } = workspace;
  if (!workspace.mayWrite.value) return;
  const mark = workspace.selectedMark();
  const span = mark && spanOf(mark);
  const range: TextRange | null = ui.range.value ? trim(task.value.text, ui.range.value) : span ? offsets.value.rangeOf(span) : null;
  const ofMark = mark && mark.label !== null ? { field: mark.field, label: mark.label } : null;
  const choice = ui.range.value ? ui.lastLabel.value : ofMark;
  if (!range || !choice) {
    workspace.tell(range ? t("No label was given yet that could be given again.") : t("Select a text or a label first."));
    return;
  }
  const wording = task.value.text.slice(range.from, range.to);
  const all = sameWordings(task.value.text, wording).map(({ from, to }) => offsets.value.spanOf(from, to));
  const open = workspace.withoutLabel(choice, all);
  if (!open.length) workspace.tell(t("“{wording}” has this label everywhere already.", { wording: shortened(wording) }));
  else ui.asking.value = { choice, wording: shortened(wording), spans: open, labelled: all.length - open.length };
}

/** Give the label in all the places that were asked for. */
export function labelAll(workspace: Workspace): void {
  const asked = workspace.ui.asking.value;
  workspace.ui.asking.value = null;
  if (!asked || !workspace.mayWrite.value) return;
  // A colleague may have labelled some of them meanwhile.
  const spans = workspace.withoutLabel(asked.choice, asked.spans);
  const { field, label } = asked.choice;
  const name = workspace.labelOf({ ...asked.choice, labelRemoved: false }).name;
  const done = { wording: asked.wording, label: name };
  workspace.named(t("{wording} labelled {label} everywhere", done), () => workspace.document.value.addAll(spans.map((span) => ({ field, label, value: { start: span.start, end: span.end } }))));
  workspace.tell(tn(spans.length, "{n} place labelled {label}.", "{n} places labelled {label}.", { label: name }));
}
