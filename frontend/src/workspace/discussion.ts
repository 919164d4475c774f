/** What people say to each other about a task: threads of comments, live, and what of it I have not read. Twin of projects/discussion/reading.py. */

import { batch, computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type * as Y from "yjs";

import type { Id, Person } from "./model";
import { type CommentSaid, newId, type Roots, rootsOf } from "./roots";
import { BY_HAND, type UndoStack } from "./undo";
import { t } from "../words/words";

export interface Comment extends CommentSaid {
  readonly id: Id;
}

/** A comment with its answers. `first` is null where it was deleted, and its answers were not. */
export interface Thread {
  readonly id: Id;
  readonly on: Id | null;
  readonly quote: string | null;
  readonly first: Comment | null;
  readonly comments: readonly Comment[];
  readonly resolvedBy: number | null;
}

export interface NewComment {
  readonly body: string;
  readonly mentions: readonly number[];
  readonly on: Id | null;
  /** How the annotation reads now: it may be gone when this is read. */
  readonly quote: string | null;
}

export interface DiscussionOptions {
  readonly doc: ReadonlySignal<Y.Doc>;
  readonly me: Person;
  readonly undo: UndoStack;
  readonly now?: () => Date;
}

type CommentRoots = Pick<Roots, "comments" | "resolutions">;

/** As many code points of an annotation's words as a comment takes along. */
const LONGEST_QUOTE = 120;

export class Discussion {
  private readonly version = signal(0);
  private readonly roots: ReadonlySignal<CommentRoots>;
  readonly threads: ReadonlySignal<readonly Thread[]>;
  /** How many comments of threads that are not resolved speak of an annotation. */
  readonly counts: ReadonlySignal<ReadonlyMap<Id, number>> = computed(() => countsOf(this.threads.value));
  readonly total: ReadonlySignal<number> = computed(() => this.threads.value.reduce((sum, thread) => sum + thread.comments.length, 0));
  private readonly news = signal<ReadonlySet<Id>>(new Set());
  /** Comments of others that I have not read, of those that are still there. */
  readonly unread: ReadonlySignal<ReadonlySet<Id>> = computed(() => this.stillThere(this.news.value));
  private known = new Set<Id>();
  private isNews = false;
  private readonly stop: () => void;

  constructor(private readonly options: DiscussionOptions) {
    this.roots = computed(() => rootsOf(options.doc.value));
    this.threads = computed(() => (this.version.value < 0 ? [] : threadsOf(this.roots.value)));
    this.stop = effect(() => this.follow(this.roots.value));
  }

  /** What is there now came before: `unread` of it is news, as the server says, and so is all that comes from now on. */
  begin(unread: Iterable<Id>): void {
    this.tell(unread);
  }

  /** From now on what comes is news; what is here already is not, unless `begin` says so. */
  listen(): void {
    this.isNews = true;
  }

  /** I have read these. */
  read(ids: Iterable<Id>): void {
    const left = new Set(this.news.peek());
    for (const id of ids) left.delete(id);
    if (left.size !== this.news.peek().size) this.news.value = left;
  }

  get(id: Id): Comment | undefined {
    const said = this.roots.peek().comments.get(id);
    return said && { ...said, id };
  }

  /** Begin a thread; returns its id. */
  add({ body, mentions, on, quote }: NewComment): Id {
    const id = newId();
    const about = quote === null ? {} : { quote: shorten(quote) };
    this.edit(t("comment"), ({ comments }) => comments.set(id, { ...this.said(body, mentions), on, ...about }));
    return id;
  }

  reply(thread: Thread, body: string, mentions: readonly number[]): Id {
    const id = newId();
    this.edit(t("answer"), ({ comments }) => comments.set(id, { ...this.said(body, mentions), on: thread.on, reply_to: thread.id }));
    return id;
  }

  /** Say one's own comment otherwise. */
  change(id: Id, body: string, mentions: readonly number[]): void {
    const { comments } = this.roots.peek();
    const said = comments.get(id);
    if (!said || said.body === body) return;
    this.edit(t("edit comment"), () => comments.set(id, { ...said, body, mentions, edited: this.now() }));
  }

  remove(id: Id): void {
    this.edit(t("delete comment"), ({ comments }) => comments.delete(id));
  }

  resolve(thread: Thread, on: boolean): void {
    this.edit(on ? t("resolve") : t("reopen"), ({ resolutions }) => {
      if (on) resolutions.set(thread.id, { by: this.options.me.id, at: this.now() });
      else resolutions.delete(thread.id);
    });
  }

  close(): void {
    this.stop();
  }

  private edit(words: string, write: (roots: CommentRoots) => void): void {
    this.options.undo.step(words, () => this.options.doc.peek().transact(() => write(this.roots.peek()), BY_HAND));
  }

  private said(body: string, mentions: readonly number[]): CommentSaid {
    return { on: null, author: this.options.me.id, body, created: this.now(), ...(mentions.length && { mentions }) };
  }

  private now(): string {
    return (this.options.now?.() ?? new Date()).toISOString();
  }

  private follow({ comments, resolutions }: CommentRoots): () => void {
    const changed = (): void => this.changed(comments);
    comments.observe(changed);
    resolutions.observe(changed);
    untracked(changed);
    return () => {
      comments.unobserve(changed);
      resolutions.unobserve(changed);
    };
  }

  private changed(comments: Roots["comments"]): void {
    const fresh = [...comments.keys()].filter((id) => !this.known.has(id));
    this.known = new Set(comments.keys());
    batch(() => {
      this.version.value = this.version.peek() + 1;
      if (this.isNews) this.tell(fresh.filter((id) => comments.get(id)?.author !== this.options.me.id));
    });
  }

  private tell(ids: Iterable<Id>): void {
    const more = [...ids];
    if (more.length) this.news.value = new Set([...this.news.peek(), ...more]);
  }

  private stillThere(ids: ReadonlySet<Id>): ReadonlySet<Id> {
    const { comments } = this.roots.value;
    return this.version.value < 0 ? ids : new Set([...ids].filter((id) => comments.has(id)));
  }
}

/** Threads in the order in which they began. An answer to an answer belongs to the thread, whoever wrote it down so. */
export function threadsOf({ comments, resolutions }: CommentRoots): Thread[] {
  const groups = new Map<Id, Comment[]>();
  const said = [...comments.keys()].sort().flatMap((id) => {
    const entry = comments.get(id);
    return isObject(entry) ? [{ ...entry, id }] : [];
  });
  for (const comment of said) {
    const root = rootOf(comment, comments);
    groups.set(root, [...(groups.get(root) ?? []), comment]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, all]) => {
    const first = all.find((comment) => comment.id === id) ?? null;
    const on = (first ?? all[0])?.on ?? null;
    return { id, on, quote: first?.quote ?? null, first, comments: all, resolvedBy: resolutions.get(id)?.by ?? null };
  });
}

function rootOf(comment: Comment, comments: Roots["comments"]): Id {
  let root = comment.id;
  let next = comment.reply_to;
  for (const seen = new Set([root]); next && !seen.has(next); next = comments.get(next)?.reply_to) {
    seen.add(next);
    root = next;
  }
  return root;
}

function countsOf(threads: readonly Thread[]): ReadonlyMap<Id, number> {
  const counts = new Map<Id, number>();
  for (const { on, resolvedBy, comments } of threads) {
    if (on !== null && resolvedBy === null) counts.set(on, (counts.get(on) ?? 0) + comments.length);
  }
  return counts;
}

function shorten(words: string): string {
  const letters = Array.from(words);
  return letters.length > LONGEST_QUOTE ? `${letters.slice(0, LONGEST_QUOTE - 1).join("").trimEnd()}…` : words;
}

function isObject(value: unknown): value is CommentSaid {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
