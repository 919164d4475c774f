/** Which part of the text is on the screen, told while it is scrolled; and scrolling it to where somebody else is. */

import { type Extension } from "@codemirror/state";
import { EditorView, ViewPlugin } from "@codemirror/view";

/** A hand scrolls much faster than a colleague's view needs to know. */
const PAUSE_MS = 100;
/** Within the text, not in its margin. */
const INSIDE_PX = 4;
const SCROLLING_KEYS = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"]);

export interface VisibleEvents {
  /** UTF-16 offsets of the first and last position that can be seen. */
  visible(from: number, to: number): void;
  /** A hand scrolled, by whatever means; not what this window scrolled by itself. */
  scrolledByHand(): void;
}

/** Tells of the visible stretch when it has changed, at most ten times a second. */
export function visibleText(events: VisibleEvents): Extension {
  return ViewPlugin.define((view) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      timer = undefined;
      const stretch = visibleStretch(view);
      if (stretch) events.visible(stretch.from, stretch.to);
    };
    const soon = (): void => {
      timer ??= setTimeout(look, PAUSE_MS);
    };
    const byHand = (): void => events.scrolledByHand();
    const byKey = (event: KeyboardEvent): void => {
      if (SCROLLING_KEYS.has(event.key)) byHand();
    };
    const scroller = view.scrollDOM;
    scroller.addEventListener("scroll", soon, { passive: true });
    for (const sign of ["wheel", "touchmove"]) scroller.addEventListener(sign, byHand, { passive: true });
    scroller.addEventListener("keydown", byKey);
    soon();
    return {
      update: (update) => {
        if (update.geometryChanged) soon();
      },
      destroy: () => {
        clearTimeout(timer);
        scroller.removeEventListener("scroll", soon);
        for (const sign of ["wheel", "touchmove"]) scroller.removeEventListener(sign, byHand);
        scroller.removeEventListener("keydown", byKey);
      },
    };
  });
}

function visibleStretch(view: EditorView): { from: number; to: number } | null {
  const box = view.scrollDOM.getBoundingClientRect();
  const inside = view.contentDOM.getBoundingClientRect();
  if (!box.height) return null;
  const from = view.posAtCoords({ x: inside.left + INSIDE_PX, y: Math.max(box.top, inside.top) + INSIDE_PX }, false);
  const to = view.posAtCoords({ x: inside.right - INSIDE_PX, y: Math.min(box.bottom, inside.bottom) - INSIDE_PX }, false);
  return { from, to };
}

/** Bring a position to the top of the screen: where a colleague's text begins, ours does. */
export function scrollTo(view: EditorView, position: number): void {
  const at = Math.min(position, view.state.doc.length);
  view.dispatch({ effects: EditorView.scrollIntoView(at, { y: "start", yMargin: 0 }) });
}
