/** The history of the task on screen: pages of what was done, and the moment of the past that is looked at. */

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import type * as Y from "yjs";
import * as api from "./api";
import type { Workspace } from "./app_actions";
import type { Id } from "./model";
import { Replay, type Row } from "./replay";
import { type Plan, planOf } from "./restoring";

export interface Past {
  readonly seq: number;
  readonly doc: Y.Doc;
  readonly row: Row | undefined;
}

/** What somebody is about to restore: all of a moment, or one annotation as it stood then. */
export interface Restoring {
  readonly then: Y.Doc;
  readonly at: string | null;
  readonly ids: ReadonlySet<Id> | null;
}

const PAGE = 60;

export class TaskHistory {
  readonly rows = signal<readonly api.HistoryRow[]>([]);
  readonly next = signal<number | null>(null);
  readonly head = signal(0);
  readonly isLoading = signal(true);
  readonly failed = signal<string | null>(null);
  /** Only what was done with this annotation. */
  readonly annotation = signal<Id | null>(null);
  private readonly replay: Replay;
  private asked = 0;

  constructor(
    private readonly workspace: Workspace,
    readonly task: number,
  ) {
    this.replay = new Replay((after) => api.listUpdates(task, after));
  }

  /** The newest page, again: something was done, or another annotation is meant. */
  async refresh(): Promise<void> {
    await this.ask(async (annotation) => {
      const page = await api.listHistory(this.task, { limit: PAGE, ...(annotation && { annotation }) });
      return () => {
        const oldest = page.items.at(-1)?.seq ?? 0;
        const known = annotation === this.shownFor ? this.rows.peek().filter(({ seq }) => seq < oldest) : [];
        this.shownFor = annotation;
        this.rows.value = page.next === null ? page.items : [...page.items, ...known];
        if (!known.length) this.next.value = page.next;
        this.head.value = page.head;
      };
    });
  }

  async older(): Promise<void> {
    const before = this.next.peek();
    if (before === null) return;
    await this.ask(async (annotation) => {
      const page = await api.listHistory(this.task, { limit: PAGE, before, ...(annotation && { annotation }) });
      return () => {
        this.rows.value = [...this.rows.peek(), ...page.items];
        this.next.value = page.next;
      };
    });
  }

  private shownFor: Id | null = null;

  private async ask(question: (annotation: Id | null) => Promise<() => void>): Promise<void> {
    const asked = ++this.asked;
    this.isLoading.value = true;
    try {
      const take = await question(this.annotation.peek());
      if (asked === this.asked) batch(() => (take(), (this.failed.value = null)));
    } catch (error) {
      if (asked === this.asked) this.failed.value = error instanceof Error ? error.message : String(error);
    } finally {
      if (asked === this.asked) this.isLoading.value = false;
    }
  }

  /** Look at the task as it was after row `seq`; at the newest row, that is now. */
  async goTo(seq: number): Promise<void> {
    const wanted = ++this.wanted;
    await this.replay.load();
    if (wanted !== this.wanted || this.workspace.task.peek().id !== this.task) return;
    this.workspace.ui.past.value = { seq, doc: this.replay.docAt(seq), row: this.replay.rowAt(seq) };
  }

  private wanted = 0;

  backToNow(): void {
    this.wanted += 1;
    this.workspace.ui.past.value = null;
  }

  /** The rows at which a replay stops: all of a short history, of a long one so many. */
  async stops(most: number): Promise<number[]> {
    await this.replay.load();
    const seqs = this.replay.rows.map(({ seq }) => seq);
    const step = Math.max(1, Math.ceil(seqs.length / most));
    return [0, ...seqs.filter((_, i) => i % step === step - 1)];
  }

  /** Ask whether the task is to be as it was at the moment that is looked at. */
  askToRestore(): void {
    const past = this.workspace.ui.past.peek();
    if (past) this.open({ then: past.doc, at: past.row?.at ?? null, ids: null });
  }

  /** Ask whether an annotation that was taken away in row `seq` is to come back. */
  async askToRestoreOne(id: Id, seq: number): Promise<void> {
    await this.replay.load();
    this.open({ then: this.replay.docAt(seq - 1), at: null, ids: new Set([id]) });
  }

  private open(restoring: Restoring): void {
    batch(() => {
      this.workspace.ui.restoring.value = restoring;
      this.workspace.ui.dialog.value = "restore";
    });
  }
}

/** What a restore would do to the task as it is now; another plan whenever somebody changes that. */
export function livePlan(workspace: Workspace, { then, ids }: Restoring): ReadonlySignal<Plan> {
  return computed(() => {
    const doc = workspace.connection.value.doc.value;
    const closed = (field: string): boolean => workspace.field(field)?.removed ?? false;
    return workspace.document.value.version.value < 0 ? planOf(doc, doc) : planOf(doc, then, ids, closed);
  });
}
