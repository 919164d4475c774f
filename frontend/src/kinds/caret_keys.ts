/** The caret of a text that nobody types into, moved by keys: by words and sentences, or by letters and words; Shift selects. */

import { cursorDocEnd, cursorDocStart, cursorLineBoundaryBackward, cursorLineBoundaryForward, cursorLineDown, cursorLineUp, cursorPageDown, cursorPageUp, selectDocEnd, selectDocStart, selectLineBoundaryBackward, selectLineBoundaryForward, selectLineDown, selectLineUp, selectPageDown, selectPageUp } from "@codemirror/commands";
import { EditorSelection, type Extension } from "@codemirror/state";
import { type Command, Direction, type EditorView, type KeyBinding, keymap } from "@codemirror/view";
import { letterBeside, nextEnd, nextStart, previousStart } from "../workspace/word_bounds";

/** How far an arrow goes: `near` by itself, `far` with Ctrl (on a Mac with Option). */
type Reach = "near" | "far";

export function caretKeys(text: string, byWords: () => boolean, moved: () => void): Extension {
  const horizontal = (reach: Reach, side: "left" | "right", extend: boolean): Command => (view) => {
    const forward = isForward(view, side);
    const { anchor, head, empty, from, to } = view.state.selection.main;
    const unit = byWords() ? (reach === "near" ? "word" : "sentence") : reach === "near" ? "letter" : "word";
    const isLeaving = !extend && !empty && unit === "letter";
    const target = isLeaving ? (forward ? to : from) : along(text, head, unit, forward, extend);
    view.dispatch({ selection: EditorSelection.single(extend ? anchor : target, target), scrollIntoView: true, userEvent: "select" });
    if (!extend) moved();
    return true;
  };
  const plain = (command: Command): Command => (view) => {
    command(view);
    moved();
    return true;
  };
  const arrow = (key: string, side: "left" | "right"): KeyBinding[] => [
    { key, run: horizontal("near", side, false), shift: horizontal("near", side, true) },
    { key: `Ctrl-${key}`, mac: `Alt-${key}`, run: horizontal("far", side, false), shift: horizontal("far", side, true) },
  ];
  return keymap.of([
    ...arrow("ArrowLeft", "left"),
    ...arrow("ArrowRight", "right"),
    { key: "ArrowUp", run: plain(cursorLineUp), shift: selectLineUp },
    { key: "ArrowDown", run: plain(cursorLineDown), shift: selectLineDown },
    { key: "PageUp", run: plain(cursorPageUp), shift: selectPageUp },
    { key: "PageDown", run: plain(cursorPageDown), shift: selectPageDown },
    { key: "Home", run: plain(cursorLineBoundaryBackward), shift: selectLineBoundaryBackward },
    { key: "End", run: plain(cursorLineBoundaryForward), shift: selectLineBoundaryForward },
    { key: "Mod-Home", run: plain(cursorDocStart), shift: selectDocStart },
    { key: "Mod-End", run: plain(cursorDocEnd), shift: selectDocEnd },
  ]);
}

function along(text: string, at: number, unit: "letter" | "word" | "sentence", forward: boolean, extend: boolean): number {
  if (unit === "letter") return letterBeside(text, at, forward ? 1 : -1);
  // To go on is to stand before the next word; to select is to take this one to its end, without the blank behind it.
  if (forward) return extend ? nextEnd(text, at, unit) : nextStart(text, at, unit);
  return previousStart(text, at, unit);
}

/** Where letters run from right to left, the left arrow goes on in the text. */
function isForward(view: EditorView, side: "left" | "right"): boolean {
  const leftToRight = view.textDirectionAt(view.state.selection.main.head) === Direction.LTR;
  return (side === "right") === leftToRight;
}
