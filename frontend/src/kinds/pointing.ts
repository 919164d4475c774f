/** Where the mouse points in a CodeMirror text. Where letters run from right to left or join, CodeMirror's own reckoning may
 * be words away from the hand (brackets beside Arabic, Devanagari's conjuncts): there we ask what the browser has drawn. */

import { EditorSelection, type Extension } from "@codemirror/state";
import { Direction, EditorView, type MouseSelectionStyle } from "@codemirror/view";

type Point = Pick<MouseEvent, "clientX" | "clientY">;

/** A letter as people see it, on the screen and in its text node. */
interface Letter {
  readonly node: Text;
  readonly from: number;
  readonly to: number;
  readonly box: DOMRect;
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
/** These, and scripts whose letters join or stand around each other. */
const INTRICATE = /[\u0590-\u109f\u1780-\u17ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const NEUTRAL = /^[^\p{L}\p{N}]*$/u;
/** Longer stretches would hold up the drag: there CodeMirror's answer must do. */
const MOST_UNITS = 5000;

/** The place between two letters that is nearest to the point. */
export function positionAt(view: EditorView, { clientX: x, clientY: y }: Point): number {
  const reckoned = view.posAtCoords({ x, y }, false);
  const node = textUnder(view, x, y);
  if (!node || node.length > MOST_UNITS || !INTRICATE.test(view.state.doc.lineAt(reckoned).text)) return reckoned;
  const letter = letterAt(node, x, y);
  if (!letter) return reckoned;
  const isFirstHalf = x < letter.box.left + letter.box.width / 2;
  return view.posAtDOM(node, isFirstHalf === runsRight(view, letter) ? letter.from : letter.to);
}

function textUnder(view: EditorView, x: number, y: number): Text | null {
  if (!("caretPositionFromPoint" in document)) return null; // a Safari of before 2025
  const node = document.caretPositionFromPoint(x, y)?.offsetNode;
  return node instanceof Text && view.contentDOM.contains(node) ? node : null;
}

function letterAt(node: Text, x: number, y: number): Letter | null {
  const range = document.createRange();
  for (const { index, segment } of new Intl.Segmenter().segment(node.data)) {
    const to = index + segment.length;
    range.setStart(node, index);
    range.setEnd(node, to);
    for (const box of range.getClientRects()) {
      if (x >= box.left && x < box.right && y >= box.top && y < box.bottom) return { node, from: index, to, box };
    }
  }
  return null;
}

/** From left to right; signs and blanks go with the letters on both sides, or with their line. */
function runsRight(view: EditorView, { node, from, to }: Letter): boolean {
  const words = node.data.slice(from, to);
  if (!NEUTRAL.test(words)) return !RIGHT_TO_LEFT.test(words);
  const [before] = /[\p{L}\p{N}]\P{L}*$/u.exec(node.data.slice(0, from)) ?? [""];
  const [after] = /\p{L}/u.exec(node.data.slice(to)) ?? [""];
  if (RIGHT_TO_LEFT.test(before) && RIGHT_TO_LEFT.test(after)) return false;
  return view.textDirectionAt(view.posAtDOM(node, from)) === Direction.LTR;
}

/** A drag from a single click; words and lines, by two and three, are CodeMirror's. */
function drag(view: EditorView, event: MouseEvent): MouseSelectionStyle | null {
  if (event.button !== 0 || event.detail > 1) return null;
  const before = view.state.selection.main.anchor;
  let start = positionAt(view, event);
  return {
    get: (now, extend) => EditorSelection.single(extend ? before : start, positionAt(view, now)),
    update: (update) => {
      start = update.changes.mapPos(start);
    },
  };
}

export const pointing: Extension = EditorView.mouseSelectionStyle.of(drag);
