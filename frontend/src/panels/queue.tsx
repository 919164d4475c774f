/** The tasks around this one, with their state and who is on them, live. */

import { useWorkspace } from "./context";
import { Bubble } from "./icons";
import { Avatar } from "./parts";
import type { QueueTask } from "../workspace/app_queue";
import { tn } from "../words/words";

const STATUS_WORDS: Readonly<Record<string, string>> = {
  open: "open",
  in_progress: "in progress",
  submitted: "submitted",
  skipped: "skipped",
};

export function Queue() {
  const { queue, task } = useWorkspace();
  return (
    <nav class="queue" aria-label="Queue">
      <h3>
        Queue · {task.value.position.toLocaleString()} of {task.value.total.toLocaleString()}
      </h3>
      {queue.mayGoBack.value && (
        <button type="button" class="more-tasks" onClick={() => void queue.loadBefore()}>
          Earlier
        </button>
      )}
      {queue.tasks.value.map((each) => (
        <Row key={each.id} task={each} />
      ))}
      {queue.mayGoOn.value && (
        <button type="button" class="more-tasks" onClick={() => void queue.loadAfter()}>
          Later
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
    <a class="task" href={workspace.addressOf(task.id)} aria-current={current ? "page" : undefined} onClick={go} title={`${STATUS_WORDS[task.status] ?? task.status} · ${task.annotations} labels`}>
      <span class="dot" data-status={task.status} />
      <span class="sr">{STATUS_WORDS[task.status] ?? task.status}:</span>
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
