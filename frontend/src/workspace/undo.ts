/** Undo and redo of what I did, never of what others did, and the words for it. Goes on after a reload. Knows no annotations.
 *
 * Steps of this page are Yjs's; below them lie those of earlier pages (`undo_steps.ts`), which only know what they changed. */

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import * as Y from "yjs";
import type { StepStore } from "./undo_kept";
import { doable, type EntryChange, inverse, joined, perform, Recorder, type Step, type Steps } from "./undo_steps";

/** The origin of every change that a person makes here by a button, a key or the mouse. */
export const BY_HAND = Symbol("by hand");
/** The origin of steps of earlier pages that are taken back or done again. */
const AS_KEPT = Symbol("as kept");

/** Typing within this time is one step. */
const TYPING_STEP_MS = 500;

const STEP = "step";

interface StackItem {
  readonly meta: Map<unknown, unknown>;
}

export class UndoStack {
  /** What undo would take back, in words ("accept 3"), or null where there is nothing. */
  readonly undoWords = signal<string | null>(null);
  readonly redoWords = signal<string | null>(null);
  /** Yjs's own; another one after the document was rebuilt. */
  readonly manager: ReadonlySignal<Y.UndoManager>;
  private readonly current;
  private readonly origins = new Set<unknown>([BY_HAND]);
  private readonly stop: () => void;
  private recorder: Recorder;
  private words = "typing";
  private name: string | null = null;
  private isRestored = false;
  private kept: Step[] = [];
  private keptUndone: Step[] = [];

  /** With a `store`, call `restoreOnce` when the document is there. */
  constructor(
    doc: ReadonlySignal<Y.Doc>,
    private readonly store?: StepStore,
  ) {
    this.current = signal(this.managerOf(doc.peek()));
    this.recorder = this.recorderOf(doc.peek());
    this.manager = this.current;
    this.stop = effect(() => this.attach(doc.value));
  }

  /** Do something that is one step, however many transactions it takes. */
  step<T>(words: string, deed: () => T): T {
    const manager = this.current.peek();
    manager.stopCapturing();
    manager.captureTimeout = Number.MAX_SAFE_INTEGER;
    this.words = this.name ?? words;
    try {
      return deed();
    } finally {
      this.words = "typing";
      manager.captureTimeout = TYPING_STEP_MS;
      manager.stopCapturing();
    }
  }

  /** The steps of a deed go by these words. */
  named<T>(words: string, deed: () => T): T {
    this.name = words;
    try {
      return deed();
    } finally {
      this.name = null;
    }
  }

  /** Take back the last step; returns its words. */
  undo(): string | null {
    const manager = this.current.peek();
    const done = manager.undo();
    if (done) this.carry(done, manager.redoStack);
    return done ? wordsOf(done) : this.again(this.kept, this.keptUndone, inverse);
  }

  redo(): string | null {
    const again = this.again(this.keptUndone, this.kept, (step) => step);
    if (again !== null) return again;
    const manager = this.current.peek();
    const done = manager.redo();
    if (done) this.carry(done, manager.undoStack);
    return wordsOf(done);
  }

  /** Changes of this origin are mine, too: what an editor types comes under an origin of its own. */
  track(origin: unknown): void {
    this.origins.add(origin);
    this.current.peek().addTrackedOrigin(origin);
  }

  /** The document is there: go on with what was done before this page was opened. */
  restoreOnce(): void {
    if (this.isRestored) return;
    this.isRestored = true;
    const { done, undone } = this.store?.load() ?? { done: [], undone: [] };
    this.kept = [...done, ...this.kept];
    // Whoever did something since does not do again what was undone before it.
    if (!this.current.peek().undoStack.length) this.keptUndone = [...undone, ...this.keptUndone];
    this.tell();
  }

  close(): void {
    this.stop();
    this.store?.close();
    this.recorder.stop();
    this.current.peek().destroy();
  }

  /** A kept step, one way or the other; what is overtaken by others' edits is passed over. */
  private again(from: Step[], to: Step[], way: (step: Step) => Step): string | null {
    for (let step = from.pop(); step; step = from.pop()) {
      if (!perform(this.current.peek().doc, way(step), AS_KEPT)) continue;
      to.push(step);
      this.tell();
      return step.words;
    }
    this.tell();
    return null;
  }

  /** What Yjs put onto the other stack is the same step. */
  private carry(done: StackItem, onto: readonly StackItem[]): void {
    onto[onto.length - 1]?.meta.set(STEP, stepOf(done));
    this.tell();
  }

  private attach(doc: Y.Doc): void {
    const old = this.current.peek();
    if (old.doc === doc) return;
    // Of another document Yjs's steps know nothing; what they changed can be taken back all the same.
    this.kept.push(...old.undoStack.map(stepOf));
    this.keptUndone = [];
    this.recorder.stop();
    old.destroy();
    this.current.value = this.managerOf(doc);
    this.recorder = this.recorderOf(doc);
    this.tell();
  }

  private recorderOf(doc: Y.Doc): Recorder {
    return new Recorder(doc, (origin) => this.origins.has(origin));
  }

  private managerOf(doc: Y.Doc): Y.UndoManager {
    const manager = new Y.UndoManager(doc, { captureTimeout: TYPING_STEP_MS, trackedOrigins: new Set(this.origins) });
    manager.on("stack-item-added", ({ stackItem, origin }: { stackItem: StackItem; origin: unknown }) => {
      if (origin === manager) return;
      this.keptUndone = [];
      this.set(stackItem, this.words, this.recorder.take());
    });
    manager.on("stack-item-updated", ({ stackItem, origin }: { stackItem: StackItem; origin: unknown }) => {
      if (origin === manager) return;
      const { words, changes } = stepOf(stackItem);
      this.set(stackItem, words, joined(changes, this.recorder.take()));
    });
    manager.on("stack-cleared", () => this.tell());
    return manager;
  }

  private set(item: StackItem, words: string, changes: readonly EntryChange[]): void {
    item.meta.set(STEP, { words, changes } satisfies Step);
    this.tell();
  }

  private tell(): void {
    const { undoStack, redoStack } = this.current.peek();
    this.undoWords.value = wordsOf(undoStack[undoStack.length - 1]) ?? this.firstDoable(this.kept, inverse);
    this.redoWords.value = this.firstDoable(this.keptUndone, (step) => step) ?? wordsOf(redoStack[redoStack.length - 1]);
    // What earlier pages left is read first.
    if (this.isRestored) this.store?.save(() => this.all());
  }

  private firstDoable(steps: readonly Step[], way: (step: Step) => Step): string | null {
    return steps.findLast((step) => doable(this.current.peek().doc, way(step)).length > 0)?.words ?? null;
  }

  private all(): Steps {
    const { undoStack, redoStack } = this.current.peek();
    return { done: [...this.kept, ...undoStack.map(stepOf)], undone: [...redoStack.map(stepOf), ...this.keptUndone] };
  }
}

function stepOf(item: StackItem): Step {
  return (item.meta.get(STEP) as Step | undefined) ?? { words: "typing", changes: [] };
}

function wordsOf(item: StackItem | null | undefined): string | null {
  return item ? stepOf(item).words : null;
}
