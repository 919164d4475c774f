/** Colleagues' cursors and selections in a CodeMirror text, each with a name flag. Knows UTF-16 offsets and colours. */

import { type Extension, Prec, type Range, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";

export interface ColleagueSelection {
  readonly session: string;
  readonly name: string;
  readonly colour: string;
  readonly from: number;
  readonly to: number;
}

export const showColleagues = StateEffect.define<readonly ColleagueSelection[]>();

class Flag extends WidgetType {
  constructor(
    private readonly name: string,
    private readonly colour: string,
  ) {
    super();
  }

  override eq(other: Flag): boolean {
    return other.name === this.name && other.colour === this.colour;
  }

  toDOM(): HTMLElement {
    const caret = document.createElement("span");
    caret.className = "colleague-caret";
    caret.style.setProperty("--u", this.colour);
    caret.dataset.name = this.name;
    caret.setAttribute("aria-hidden", "true");
    return caret;
  }

  override ignoreEvent(): boolean {
    return false;
  }
}

function decorations(colleagues: readonly ColleagueSelection[], length: number): DecorationSet {
  const ranges: Range<Decoration>[] = [];
  for (const colleague of colleagues) {
    const from = Math.min(colleague.from, length);
    const to = Math.min(colleague.to, length);
    if (from < to) ranges.push(selection(colleague.colour).range(from, to));
    ranges.push(Decoration.widget({ widget: new Flag(colleague.name, colleague.colour), side: 1 }).range(to));
  }
  return Decoration.set(ranges, true);
}

function selection(colour: string): Decoration {
  return Decoration.mark({ class: "colleague-selection", attributes: { style: `--u: ${colour}` } });
}

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(showColleagues)) return decorations(effect.value, transaction.newDoc.length);
    }
    return shown.map(transaction.changes);
  },
  provide: (self) => EditorView.decorations.from(self),
});

/** Innermost, so that a colleague's selection is cut by marks and never a mark by a selection. */
export const colleagues: Extension = Prec.highest(field);
