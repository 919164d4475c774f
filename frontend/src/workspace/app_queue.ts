/** The tasks around the one on screen, live. Knows pages and the project's events; nothing of how they arrive. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";

export interface QueueTask {
  readonly id: number;
  readonly excerpt: string;
  readonly status: string;
  readonly annotations: number;
  readonly suggestions: number;
  readonly comments: number;
  /** Comments that I have not read. */
  readonly unread: number;
}

export interface QueuePerson {
  readonly id: number;
  readonly name: string;
  readonly colour: string;
}

/** What the project's socket says of a task: some of its columns. */
export type TaskNews = Pick<QueueTask, "id"> & Partial<QueueTask>;

export interface PageQuery {
  readonly after?: number;
  readonly before?: number;
  readonly limit: number;
}

export type FetchPage = (query: PageQuery) => Promise<readonly QueueTask[]>;

const PAGE = 20;
/** So many of the tasks before the current one are shown at first. */
const SOME_BEFORE = 4;

export class Queue {
  readonly tasks = signal<readonly QueueTask[]>([]);
  readonly mayGoBack = signal(false);
  readonly mayGoOn = signal(false);
  private readonly people: ReadonlySignal<ReadonlyMap<number, readonly QueuePerson[]>>;
  private loads = 0;

  constructor(
    private readonly fetchPage: FetchPage,
    here: ReadonlySignal<readonly { readonly user: QueuePerson; readonly task: number }[]>,
  ) {
    this.people = computed(() => byTask(here.value));
  }

  on(task: number): readonly QueuePerson[] {
    return this.people.value.get(task) ?? [];
  }

  /** Show this task among its neighbours; what is loaded already stays. */
  async showAround(task: number): Promise<void> {
    if (this.has(task)) return this.fillUp(task);
    const load = ++this.loads;
    const [before, after] = await Promise.all([
      this.fetchPage({ before: task, limit: SOME_BEFORE }),
      this.fetchPage(from(task)),
    ]);
    if (load !== this.loads) return;
    this.tasks.value = sorted([...before, ...after]);
    this.mayGoBack.value = before.length === SOME_BEFORE;
    this.mayGoOn.value = after.length === PAGE;
  }

  async loadBefore(): Promise<void> {
    const first = this.tasks.value[0];
    const page = first ? await this.fetchPage({ before: first.id, limit: PAGE }) : [];
    this.tasks.value = sorted([...page, ...this.tasks.value]);
    this.mayGoBack.value = page.length === PAGE;
  }

  async loadAfter(): Promise<void> {
    const last = this.tasks.value[this.tasks.value.length - 1];
    const page = last ? await this.fetchPage({ after: last.id, limit: PAGE }) : [];
    this.tasks.value = sorted([...this.tasks.value, ...page]);
    this.mayGoOn.value = page.length === PAGE;
  }

  /** The task `step` further in the list, loading more at its ends. */
  async neighbour(task: number, step: 1 | -1): Promise<number | null> {
    const known = this.beside(task, step);
    if (known !== null) return known;
    const page = await this.fetchPage(step > 0 ? { after: task, limit: 1 } : { before: task, limit: 1 });
    return page[0]?.id ?? null;
  }

  hear(news: readonly TaskNews[]): void {
    const tasks = this.tasks.peek();
    const byId = new Map(news.map((task) => [task.id, task]));
    if (tasks.some((task) => byId.has(task.id))) this.tasks.value = tasks.map((task) => ({ ...task, ...byId.get(task.id) }));
  }

  /** Colleagues commented on a task that is not open here. */
  hearComments(id: number, comments: number, fresh: number): void {
    const task = this.tasks.peek().find((each) => each.id === id);
    if (task) this.hear([{ id, comments, unread: Math.min(task.unread + fresh, comments) }]);
  }

  private async fillUp(task: number): Promise<void> {
    const list = this.tasks.value;
    const at = list.findIndex((each) => each.id === task);
    if (at > list.length - 4 && this.mayGoOn.value) await this.loadAfter();
  }

  private beside(task: number, step: 1 | -1): number | null {
    const at = this.tasks.value.findIndex((each) => each.id === task);
    return at < 0 ? null : (this.tasks.value[at + step]?.id ?? null);
  }

  private has(task: number): boolean {
    return this.tasks.value.some((each) => each.id === task);
  }
}

/** The page that begins with this task; ids begin with 1, and nothing lies behind 0. */
function from(task: number): PageQuery {
  return task > 1 ? { after: task - 1, limit: PAGE } : { limit: PAGE };
}

/** By id, each once; the later said of a task holds. */
function sorted(tasks: readonly QueueTask[]): QueueTask[] {
  return [...new Map(tasks.map((task) => [task.id, task])).values()].sort((a, b) => a.id - b.id);
}

function byTask(here: readonly { user: QueuePerson; task: number }[]): ReadonlyMap<number, readonly QueuePerson[]> {
  const people = new Map<number, QueuePerson[]>();
  for (const { user, task } of here) {
    const there = people.get(task) ?? [];
    // Two tabs of one person are one person.
    if (!there.some((person) => person.id === user.id)) people.set(task, [...there, user]);
  }
  return people;
}
