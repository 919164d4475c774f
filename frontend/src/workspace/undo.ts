/** Undo and redo of what I did in this window, never of what others did, and the words for it. */

import { type ReadonlySignal, signal } from "@preact/signals";
import * as Y from "yjs";

export class UndoStack {
  /** What undo would take back, in words ("Accept 3"), or null where there is nothing. */
  readonly undoWords: ReadonlySignal<string | null> = signal(null);
  readonly redoWords: ReadonlySignal<string | null> = signal(null);
  /** For y-codemirror (`yCollab(text, awareness, { undoManager })`); another one after the document was rebuilt. */
  readonly manager: ReadonlySignal<Y.UndoManager>;

  constructor(doc: ReadonlySignal<Y.Doc>) {
    this.manager = signal(new Y.UndoManager(doc.value));
  }

  /** Take back the last step; returns its words. */
  undo(): string | null {
    return null;
  }

  redo(): string | null {
    return null;
  }

  close(): void {}
}
