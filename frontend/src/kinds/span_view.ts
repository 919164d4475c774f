/** The task's text on the screen: marks, my selection, colleagues. Knows CodeMirror; tells others in UTF-16 offsets. */

import { EditorState, type Extension, StateEffect, type StateEffectType, StateField } from "@codemirror/state";
import { type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { afterPaint } from "../workspace/after_paint";
import { caretKeys } from "./caret_keys";
import { type ColleagueSelection, colleagues, showColleagues } from "./colleagues";
import { lineDirection } from "./line_direction";
import { pointing, positionAt } from "./pointing";
import { MarkIndex } from "./span_index";
import { buildMarks } from "./span_marks";
import { scrollTo, type VisibleEvents, visibleText } from "./visible_text";

export interface TextEvents extends VisibleEvents {
  /** The selection moved; `by` says whether the hand is still down. */
  selected(from: number, to: number): void;
  /** The hand let go, or a key ended a selection of at least one character. */
  settled(from: number, to: number): void;
  /** A selection as it is meant: widened to whole words, unless the person wants otherwise. */
  snapped(from: number, to: number): { readonly from: number; readonly to: number };
  /** Whether selections go by words. */
  byWords(): boolean;
  /** A finger or a pen touched the text where no mark is. */
  tapped(at: number): void;
  /** Whether a finger or a pen draws a selection: a label waits for it. */
  draws(): boolean;
  /** The caret was moved by a key. */
  moved(): void;
  /** A click on the text without a selection: the marks there, the shortest first. */
  clicked(ids: readonly string[]): void;
}

/** More than a screen shows of a text, in UTF-16 units: lines are at least so high, and seldom longer. */
const LEAST_LINE_PX = 30;
const LINE_UNITS = 100;

const setIndex = StateEffect.define<MarkIndex>();
const setSelectedMark = StateEffect.define<string | null>();
const drawRest = StateEffect.define();

const indexField = StateField.define<MarkIndex>({
  create: () => MarkIndex.EMPTY,
  update: (index, tr) => tr.effects.reduce((now, effect) => (effect.is(setIndex) ? effect.value : now), index),
});
const selectedField = StateField.define<string | null>({
  create: () => null,
  update: (id, tr) => tr.effects.reduce((now, effect) => (effect.is(setSelectedMark) ? effect.value : now), id),
});

/** Marks of the visible stretch only; built again when it moves or the marks change. */
const markPlugin = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    /** A screen first; what CodeMirror keeps around it, once that is painted. */
    private stage: "nothing drawn" | "first screen" | "all" = "nothing drawn";
    constructor(private readonly view: EditorView) {
      this.decorations = this.draw();
    }
    update({ transactions, viewportChanged }: ViewUpdate): void {
      const has = <T>(type: StateEffectType<T>): boolean => transactions.some((tr) => tr.effects.some((e) => e.is(type)));
      if (has(drawRest)) this.stage = "all";
      if (viewportChanged || has(drawRest) || has(setIndex) || has(setSelectedMark)) this.decorations = this.draw();
    }
    private draw(): DecorationSet {
      const marks = this.view.state.field(indexField).marks.length;
      if (this.stage === "nothing drawn" && marks) this.begin();
      return visibleMarks(this.view, this.stage === "first screen" ? firstScreen() : Infinity);
    }
    private begin(): void {
      this.stage = "first screen";
      afterPaint(() => {
        if (this.view.dom.isConnected) this.view.dispatch({ effects: drawRest.of(null) });
      });
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

function firstScreen(): number {
  return Math.ceil(innerHeight / LEAST_LINE_PX) * LINE_UNITS;
}

/** CodeMirror keeps more than the screen shows; `most` UTF-16 units of it are drawn. */
function visibleMarks(view: EditorView, most: number): DecorationSet {
  const ranges = view.visibleRanges;
  const from = ranges[0]?.from ?? 0;
  const to = Math.min(ranges[ranges.length - 1]?.to ?? 0, from + most);
  return buildMarks(view.state.doc, view.state.field(indexField), view.state.field(selectedField), from, to);
}

export class TextView {
  readonly view: EditorView;
  private handDown = false;
  private drawnFrom: number | null = null;
  private hasDrawn = false;
  private colleagues = 0;
  private waiting: MarkIndex | null = null;
  private readonly letGo = (event: Event): void => this.handUp(event.type === "pointerup");

  constructor(
    parent: HTMLElement,
    text: string,
    index: MarkIndex,
    private readonly events: TextEvents,
    nonce: string,
  ) {
    const extensions = [indexField.init(() => index), this.extensions(nonce), caretKeys(text, () => events.byWords(), () => events.moved())];
    this.view = new EditorView({ parent, state: EditorState.create({ doc: text, extensions }) });
    addEventListener("pointerup", this.letGo);
    addEventListener("pointercancel", this.letGo);
  }

  destroy(): void {
    removeEventListener("pointerup", this.letGo);
    removeEventListener("pointercancel", this.letGo);
    this.view.destroy();
  }

  /**
   * Show these marks and select one of them; without `keepsRange` the selected text is let go, and the caret stays at its end.
   * All at once: each change of the view is a layout of its own. While the hand draws a selection the text holds still, and
   * marks that came meanwhile are shown when it lets go.
   */
  show(index: MarkIndex, selected: string | null, keepsRange: boolean): void {
    const { state } = this.view;
    const effects: StateEffect<unknown>[] = [];
    const isNew = index !== state.field(indexField);
    if (isNew && this.handDown) this.waiting = index;
    else if (isNew) effects.push(setIndex.of(index));
    if (selected !== state.field(selectedField)) effects.push(setSelectedMark.of(selected));
    const { empty, to } = state.selection.main;
    const letsGo = !keepsRange && !empty && !this.handDown;
    if (!effects.length && !letsGo) return;
    const change = (): void => this.view.dispatch(letsGo ? { effects, selection: { anchor: to } } : { effects });
    if (isNew && !this.handDown) this.holdingStill(change);
    else change();
  }

  setColleagues(list: readonly ColleagueSelection[]): void {
    if (!list.length && !this.colleagues) return;
    this.colleagues = list.length;
    this.view.dispatch({ effects: showColleagues.of(list) });
  }

  reveal(from: number): void {
    const at = Math.min(from, this.view.state.doc.length);
    if (!this.isVisible(at)) this.view.dispatch({ effects: EditorView.scrollIntoView(at, { y: "center" }) });
  }

  /** Bring a position to the top of the screen. */
  scrollTo(position: number): void {
    scrollTo(this.view, position);
  }

  caret(): number {
    return this.view.state.selection.main.head;
  }

  focus(): void {
    this.view.focus();
    this.view.dispatch({ effects: EditorView.scrollIntoView(this.caret(), { y: "nearest" }) });
  }

  /** A selection is only seen where the focus is. */
  select(from: number, to: number): void {
    if (!this.view.hasFocus) this.view.focus();
    this.view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(to, { y: "nearest" }) });
  }

  /** Keys go on from here. */
  placeCaret(at: number): void {
    const { empty, head } = this.view.state.selection.main;
    if (!empty || head !== at) this.view.dispatch({ selection: { anchor: Math.min(at, this.view.state.doc.length) } });
  }

  private extensions(nonce: string): Extension {
    return [
      EditorState.lineSeparator.of("\n"),
      EditorState.readOnly.of(true),
      EditorView.cspNonce.of(nonce),
      EditorView.lineWrapping,
      lineDirection,
      // A caret for the keyboard, yet no on-screen keyboard and nothing to correct.
      EditorView.contentAttributes.of({ "aria-label": "Text of the task", "aria-readonly": "true", inputmode: "none" }),
      EditorView.domEventHandlers({
        beforeinput: (event) => {
          event.preventDefault();
          return true;
        },
        pointerdown: (event) => {
          this.handDown = true;
          this.drawnFrom = event.pointerType !== "mouse" && event.isPrimary && this.events.draws() ? positionAt(this.view, event) : null;
        },
        pointermove: (event) => this.draw(event),
        drop: () => true,
        click: (event) => this.clicked(event),
        keyup: (event) => {
          if (event.key === "Shift") this.settle();
        },
      }),
      EditorView.updateListener.of((update) => {
        if (update.selectionSet) this.events.selected(update.state.selection.main.from, update.state.selection.main.to);
      }),
      pointing,
      visibleText(this.events),
      selectedField,
      markPlugin,
      colleagues,
    ];
  }

  /** A finger goes over words while a label waits for them (across: up and down scrolls, as ever). */
  private draw(event: PointerEvent): void {
    if (this.drawnFrom === null || !event.isPrimary) return;
    const at = positionAt(this.view, event);
    this.hasDrawn ||= at !== this.drawnFrom;
    if (this.hasDrawn) this.view.dispatch({ selection: { anchor: this.drawnFrom, head: at } });
  }

  private clicked(event: MouseEvent): boolean {
    if (!this.view.state.selection.main.empty) return false;
    const at = positionAt(this.view, event);
    const isTouch = (event as PointerEvent).pointerType === "touch" || (event as PointerEvent).pointerType === "pen";
    if (isTouch && !this.marksAt(at).length && !(event.target as HTMLElement).closest("[data-mark]")) {
      if (this.events.draws()) return false; // taken when the finger left
      this.events.clicked([]);
      this.events.tapped(at);
      return false;
    }
    const tagged = (event.target as HTMLElement).closest<HTMLElement>("[data-mark]")?.dataset.mark;
    const here = this.marksAt(at);
    this.events.clicked(tagged && !here.includes(tagged) ? [tagged, ...here] : tagged ? here : []);
    this.caretBehindSelected();
    return false;
  }

  /** The shortest first. */
  private marksAt(at: number): string[] {
    return this.view.state.field(indexField).at(at).map((mark) => mark.id);
  }

  /** Who clicks a mark means all of it: a caret amid its letters would say otherwise, to colleagues as well. */
  private caretBehindSelected(): void {
    const selected = this.view.state.field(selectedField);
    const mark = this.view.state.field(indexField).marks.find(({ id }) => id === selected);
    if (mark) this.view.dispatch({ selection: { anchor: mark.to } });
  }

  private handUp(isDone: boolean): void {
    if (!this.handDown) return;
    this.handDown = false;
    // A click would be late, and after a quick swipe there may be none.
    const tapped = isDone && !this.hasDrawn ? this.drawnFrom : null;
    if (tapped !== null && !this.marksAt(tapped).length) this.events.tapped(tapped);
    this.drawnFrom = null;
    this.hasDrawn = false;
    const { waiting } = this;
    this.waiting = null;
    if (waiting) this.holdingStill(() => this.view.dispatch({ effects: setIndex.of(waiting) }));
    // CodeMirror reads the browser's selection after the event.
    requestAnimationFrame(() => this.settle());
  }

  private settle(): void {
    const { from, to, head } = this.view.state.selection.main;
    if (from === to) return;
    const meant = this.events.snapped(from, to);
    const isForward = head === to;
    if (meant.from !== from || meant.to !== to) this.view.dispatch({ selection: isForward ? { anchor: meant.from, head: meant.to } : { anchor: meant.to, head: meant.from } });
    this.events.settled(meant.from, meant.to);
  }

  private isVisible(position: number): boolean {
    const place = this.view.coordsAtPos(position);
    const window = this.view.scrollDOM.getBoundingClientRect();
    return place !== null && place.top > window.top + 24 && place.bottom < window.bottom - 24;
  }

  /** Tags take room: keep the line that is being read where it is while they come and go above it. */
  private holdingStill(change: () => void): void {
    const position = this.readingAt();
    const before = position === null ? undefined : this.view.coordsAtPos(position)?.top;
    change();
    if (position === null || before === undefined) return;
    const after = this.view.coordsAtPos(position)?.top;
    if (after !== undefined && after !== before) this.view.scrollDOM.scrollTop += after - before;
  }

  private readingAt(): number | null {
    const window = this.view.scrollDOM.getBoundingClientRect();
    if (this.view.scrollDOM.scrollTop === 0) return null;
    return this.view.posAtCoords({ x: window.left + window.width / 2, y: window.top + window.height / 3 }, false);
  }
}
