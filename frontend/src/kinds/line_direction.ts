/** Each line of a CodeMirror text runs as its own first strong letter does: on the screen, and for clicks and arrow keys. */

import { type Extension, RangeSetBuilder } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";

/** As an attribute, not as a style: CodeMirror reads the direction that follows from it, to know what lies under the mouse. */
const AUTO = Decoration.line({ attributes: { dir: "auto" } });

const lines = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = visibleLines(view);
    }
    update(update: ViewUpdate): void {
      if (update.docChanged || update.viewportChanged) this.decorations = visibleLines(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

function visibleLines(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const block of view.viewportLineBlocks) builder.add(block.from, block.from, AUTO);
  return builder.finish();
}

export const lineDirection: Extension = [EditorView.perLineTextDirection.of(true), lines];
