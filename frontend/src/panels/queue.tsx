/** The tasks around this one, with their state and who is on them, live. */

import { useWorkspace } from "./context";
import { Bubble } from "./icons";
import { Avatar } from "./parts";
import type { QueueTask } from "../workspace/app_queue";
import { t, tn } from "../words/words";

function statusWords(status: string): string {
  const known: Readonly<Record<string, string>> = { open: t("open"), in_progress: t("in progress"), submitted: t("submitted"), skipped: t("skipped") };
  return known[status] ?? status;
}

export function Queue() {
  const { queue, task } = useWorkspace();
  return (
    <nav class="queue" aria-label={t("Queue")}>
      <h3>
        {t("Queue · {n} of {all}", { n: task.value.position, all: task.value.total })}
      </h3>
      {queue.mayGoBack.value && (
        <button type="button" class="more-tasks" onClick={() => void queue.loadBefore()}>
          {t("Earlier")}
        </button>
      )}
      {queue.tasks.value.map((each) => (
        <Row key={each.id} task={each} />
      ))}
      {queue.mayGoOn.value && (
        <button type="button" class="more-tasks" onClick={() => void queue.loadAfter()}>
          {t("Later")}
        </button>
      )}
    </nav>
  );
}

function Row({ task }: { task: QueueTask }) {
  const workspace = useWorkspace();
  const current = task.id === workspace.task.value.id;
  const people = workspace.queue.on(task.id).filter((person) => person.id !== workspace.me.id);
  const go = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    void workspace.goTo(task.id);
  };
  return (
    <a class="task" href={workspace.addressOf(task.id)} aria-current={current ? "page" : undefined} onClick={go} title={`${statusWords(task.status)} · ${tn(task.annotations, "{n} label", "{n} labels")}`}>
      <span class="dot" data-status={task.status} />
      <span class="sr">{statusWords(task.status)}:</span>
      <span class="excerpt ellipsis" dir="auto">
        {task.excerpt}
      </span>
      {task.comments > 0 && <Comments task={task} />}
      {people.slice(0, 3).map((person) => (
        <Avatar key={person.id} name={person.name} colour={person.colour} small />
      ))}
    </a>
  );
}

function Comments({ task: { comments, unread } }: { task: QueueTask }) {
  const said = unread ? tn(unread, "{n} unread comment", "{n} unread comments") : tn(comments, "{n} comment", "{n} comments");
  return (
    <span class={`discussed${unread ? " some" : ""}`} title={said}>
      <Bubble />
      <span aria-hidden="true">{unread || comments}</span>
      <span class="sr">{said}</span>
    </span>
  );
}
