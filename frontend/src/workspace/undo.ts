/** Undo and redo of what I did in this window, never of what others did, and the words for it. Knows no annotations. */

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import * as Y from "yjs";

/** The origin of every change that a person makes here by a button, a key or the mouse. */
export const BY_HAND = Symbol("by hand");

/** Typing within this time is one step. */
const TYPING_STEP_MS = 500;

const WORDS = "words";

export class UndoStack {
  /** What undo would take back, in words ("accept 3"), or null where there is nothing. */
  readonly undoWords = signal<string | null>(null);
  readonly redoWords = signal<string | null>(null);
  /** Yjs's own; another one after the document was rebuilt. */
  readonly manager: ReadonlySignal<Y.UndoManager>;
  private readonly current;
  private readonly origins = new Set<unknown>([BY_HAND]);
  private readonly stop: () => void;
  private words = "typing";

  constructor(doc: ReadonlySignal<Y.Doc>) {
    this.current = signal(this.managerOf(doc.peek()));
    this.manager = this.current;
    this.stop = effect(() => this.attach(doc.value));
  }

  /** Do something that is one step, however many transactions it takes. */
  step<T>(words: string, deed: () => T): T {
    const manager = this.current.peek();
    manager.stopCapturing();
    manager.captureTimeout = Number.MAX_SAFE_INTEGER;
    this.words = words;
    try {
      return deed();
    } finally {
      this.words = "typing";
      manager.captureTimeout = TYPING_STEP_MS;
      manager.stopCapturing();
    }
  }

  /** Take back the last step; returns its words. */
  undo(): string | null {
    const manager = this.current.peek();
    return this.again(manager.undoStack, () => manager.undo());
  }

  redo(): string | null {
    const manager = this.current.peek();
    return this.again(manager.redoStack, () => manager.redo());
  }

  /** Changes of this origin are mine, too: what an editor types comes under an origin of its own. */
  track(origin: unknown): void {
    this.origins.add(origin);
    this.current.peek().addTrackedOrigin(origin);
  }

  close(): void {
    this.stop();
    this.current.peek().destroy();
  }

  private again(stack: readonly { meta: Map<unknown, unknown> }[], deed: () => { meta: Map<unknown, unknown> } | null): string | null {
    this.words = wordsOf(stack[stack.length - 1]) ?? "typing";
    const done = deed();
    this.words = "typing";
    return wordsOf(done);
  }

  private attach(doc: Y.Doc): void {
    const old = this.current.peek();
    if (old.doc === doc) return;
    old.destroy();
    this.current.value = this.managerOf(doc);
    this.tell(this.current.peek());
  }

  private managerOf(doc: Y.Doc): Y.UndoManager {
    const manager = new Y.UndoManager(doc, { captureTimeout: TYPING_STEP_MS, trackedOrigins: new Set(this.origins) });
    manager.on("stack-item-added", ({ stackItem }: { stackItem: { meta: Map<unknown, unknown> } }) => {
      stackItem.meta.set(WORDS, this.words);
      this.tell(manager);
    });
    for (const event of ["stack-item-popped", "stack-cleared"] as const) manager.on(event, () => this.tell(manager));
    return manager;
  }

  private tell(manager: Y.UndoManager): void {
    this.undoWords.value = wordsOf(manager.undoStack[manager.undoStack.length - 1]);
    this.redoWords.value = wordsOf(manager.redoStack[manager.redoStack.length - 1]);
  }
}

function wordsOf(item: { meta: Map<unknown, unknown> } | null | undefined): string | null {
  const words = item?.meta.get(WORDS);
  return typeof words === "string" ? words : null;
}
