/** What I have read of the comments, here and in my other windows: asks the server once, tells it what I have seen. */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import * as api from "./api";
import type { Workspace } from "./app_actions";
import type { Discussion } from "./discussion";
import type { CommentsNews } from "./project_socket";

/** A comment that was on screen for so long was read. */
const READ_AFTER_MS = 700;
const MOST_AT_ONCE = 1000;

/** Comments that mention me, in this project, the newest first. */
export class Mentions {
  readonly items = signal<readonly api.Mention[]>([]);
  readonly unread = signal(0);

  constructor(private readonly project: number) {}

  async load(): Promise<void> {
    const { items, unread } = await api.listMentions(this.project);
    this.items.value = items;
    this.unread.value = unread;
  }
}

/** Nothing of this is worth a message where it fails: it is asked again when the connection is back. */
const quietly = (deed: Promise<unknown>): void => void deed.catch(() => undefined);

/** Keep up what is unread; returns how to stop, and what to do with the project's news. */
export function followDiscussion(workspace: Workspace): { stop: () => void; hear: (news: CommentsNews) => void } {
  const { mentions, me } = workspace;
  const visible = signal(!document.hidden);
  const look = (): void => void (visible.value = !document.hidden);
  document.addEventListener("visibilitychange", look);
  const shown: ReadonlySignal<boolean> = computed(() => visible.value && workspace.isCommentsOpen.value);
  const narrow = matchMedia("(max-width: 860px)");
  const measure = (): void => void (workspace.isNarrow.value = narrow.matches);
  narrow.addEventListener("change", measure);
  measure();
  const stops = [
    () => narrow.removeEventListener("change", measure),
    effect(() => begin(workspace)),
    effect(() => (shown.value ? readSoon(workspace) : undefined)),
    effect(() => workspace.queue.hear([{ id: workspace.task.value.id, comments: workspace.discussion.value.total.value, unread: workspace.discussion.value.unread.value.size }])),
    () => document.removeEventListener("visibilitychange", look),
  ];
  return {
    stop: () => stops.forEach((stop) => stop()),
    hear: ({ task, comments, new: fresh }) => {
      const others = fresh.filter(({ author }) => author !== me.id);
      if (task !== workspace.task.peek().id) workspace.queue.hearComments(task, comments, others.length);
      if (others.some((said) => said.mentions.includes(me.id))) quietly(mentions.load());
    },
  };
}

/** When all is here that the server has: what of it is unread, and who mentioned me meanwhile. */
function begin(workspace: Workspace): void {
  if (!workspace.isLive.value || !workspace.listed.value) return;
  const discussion = workspace.discussion.value;
  discussion.listen();
  const task = workspace.task.peek().id;
  quietly(workspace.mentions.load());
  if (discussion.total.peek()) quietly(api.unreadComments(task).then((unread) => discussion.begin(unread)));
}

function readSoon(workspace: Workspace): (() => void) | undefined {
  const discussion = workspace.discussion.value;
  const ids = [...discussion.unread.value].slice(0, MOST_AT_ONCE);
  if (!ids.length || !workspace.isLive.value) return undefined;
  const timer = setTimeout(() => quietly(read(workspace, discussion, ids)), READ_AFTER_MS);
  return () => clearTimeout(timer);
}

async function read(workspace: Workspace, discussion: Discussion, ids: readonly string[]): Promise<void> {
  await api.readComments(workspace.task.peek().id, ids);
  discussion.read(ids);
  if (workspace.mentions.unread.peek()) await workspace.mentions.load();
}
