/** Ties a CodeMirror text to a Y.Text, both ways, change by change. Knows neither fields nor people. */

import { Annotation, type ChangeSet, type Extension, type Text } from "@codemirror/state";
import { type EditorView, type PluginValue, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import type * as Y from "yjs";
import { MOST_TYPED_AT_ONCE } from "../workspace/document";
import { inPieces } from "../workspace/offsets";

/** The origin of what is typed in one editor. */
export type Typist = symbol;

const fromDocument = Annotation.define<boolean>();

/** `together` does what it is given as one step of undo. */
export function textSync(text: Y.Text, typist: Typist, together: (deed: () => void) => void): Extension {
  return ViewPlugin.define((view) => new TextSync(view, text, typist, together));
}

class TextSync implements PluginValue {
  private readonly hear = (event: Y.YTextEvent, transaction: Y.Transaction): void => {
    if (transaction.origin !== this.typist) this.view.dispatch({ changes: changesOf(event), annotations: fromDocument.of(true) });
  };

  constructor(
    private readonly view: EditorView,
    private readonly text: Y.Text,
    private readonly typist: Typist,
    private readonly together: (deed: () => void) => void,
  ) {
    text.observe(this.hear);
  }

  update(update: ViewUpdate): void {
    if (!update.docChanged || update.transactions.some((transaction) => transaction.annotation(fromDocument))) return;
    const edits = editsOf(update.changes);
    const isLong = edits.some((edit) => edit.insert.length > MOST_TYPED_AT_ONCE);
    if (isLong) this.together(() => edits.forEach((edit) => this.write(edit)));
    else this.transact(() => edits.forEach((edit) => this.put(edit.at, edit.remove, edit.insert)));
  }

  destroy(): void {
    this.text.unobserve(this.hear);
  }

  /** A long paste goes in pieces that the server takes, each a change of its own. */
  private write({ at, remove, insert }: Edit): void {
    let from = at;
    this.transact(() => this.put(from, remove, ""));
    for (const piece of inPieces(insert, MOST_TYPED_AT_ONCE)) {
      this.transact(() => this.put(from, 0, piece));
      from += piece.length;
    }
  }

  private put(at: number, remove: number, insert: string): void {
    if (remove) this.text.delete(at, remove);
    if (insert) this.text.insert(at, insert);
  }

  private transact(deed: () => void): void {
    this.text.doc?.transact(deed, this.typist);
  }
}

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

/** The changes in their order, each placed where it stands once those before it are done. */
function editsOf(changes: ChangeSet): Edit[] {
  const edits: Edit[] = [];
  changes.iterChanges((fromA, toA, fromB, _toB, insert: Text) => {
    edits.push({ at: fromB, remove: toA - fromA, insert: insert.sliceString(0, insert.length, "\n") });
  });
  return edits;
}

function changesOf(event: Y.YTextEvent): { from: number; to: number; insert: string }[] {
  const changes: { from: number; to: number; insert: string }[] = [];
  let at = 0;
  for (const { retain, insert, delete: removed } of event.delta) {
    if (retain !== undefined) at += retain;
    else if (typeof insert === "string") changes.push({ from: at, to: at, insert });
    else if (removed !== undefined) {
      changes.push({ from: at, to: at + removed, insert: "" });
      at += removed;
    }
  }
  return changes;
}
