/** The discussion of the task: threads in the order of the text, what is resolved behind them, and where I am mentioned. */

import { useEffect, useRef, useState } from "preact/hooks";
import { CommentLine } from "./comment";
import { Composer } from "./composer";
import { useWorkspace } from "./context";
import { Check, Cross } from "./icons";
import { MentionsList } from "./mentions";
import type { Workspace } from "../workspace/app_actions";
import { spanOf } from "../workspace/app_entries";
import type { Thread } from "../workspace/discussion";
import { t, tn } from "../words/words";

export default function CommentsPanel() {
  const { ui, mentions } = useWorkspace();
  const [view, setView] = useState<"task" | "mentions">("task");
  const wanted = ui.wantsToComment.value;
  useEffect(() => setView("task"), [wanted]);
  return (
    <>
      <div class="views" role="group" aria-label={t("Which comments")}>
        <button type="button" aria-pressed={view === "task"} onClick={() => setView("task")}>
          {t("This task")}
        </button>
        <button type="button" aria-pressed={view === "mentions"} onClick={() => setView("mentions")}>
          {t("Mentions of me")}
          {mentions.unread.value > 0 && (
            <span class="badge strong">
              <span aria-hidden="true">{mentions.unread.value}</span>
              <span class="sr"> {tn(mentions.unread.value, "{n} unread", "{n} unread")}</span>
            </span>
          )}
        </button>
      </div>
      {view === "task" ? <Threads /> : <MentionsList />}
    </>
  );
}

function Threads() {
  const workspace = useWorkspace();
  const { threads } = workspace.discussion.value;
  const fresh = useFresh(workspace);
  const selected = workspace.ui.selected.value;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (selected) box.current?.querySelector(`[data-on="${CSS.escape(selected)}"]`)?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const placed = inOrder(threads.value, workspace);
  const open = placed.filter((thread) => thread.resolvedBy === null);
  const resolved = placed.filter((thread) => thread.resolvedBy !== null);
  return (
    <>
      <div class="scrolls threads" ref={box}>
        {!threads.value.length && (
          <p class="empty">
            <b>{t("Nobody has said anything yet")}</b>
            {workspace.mayWrite.value ? t("Ask about a label that you selected, or about the task as a whole.") : t("Comments appear here as people write them.")}
          </p>
        )}
        {open.map((thread) => (
          <ThreadCard key={thread.id} thread={thread} fresh={fresh} />
        ))}
        {resolved.length > 0 && (
          <details class="resolved">
            <summary>{tn(resolved.length, "One resolved thread", "{n} resolved threads")}</summary>
            {resolved.map((thread) => (
              <ThreadCard key={thread.id} thread={thread} fresh={fresh} />
            ))}
          </details>
        )}
      </div>
      {workspace.mayWrite.value && <NewThread />}
    </>
  );
}

/** What was unread since the panel is open stays marked, though it is read by now. */
function useFresh(workspace: Workspace): ReadonlySet<string> {
  const seen = useRef(new Set<string>());
  for (const id of workspace.discussion.value.unread.value) seen.current.add(id);
  return seen.current;
}

function ThreadCard({ thread, fresh }: { thread: Thread; fresh: ReadonlySet<string> }) {
  const workspace = useWorkspace();
  const [reply, setReply] = useState<string | null>(null);
  const { discussion } = workspace.shown.value.open;
  const isSelected = thread.on !== null && workspace.ui.selected.value === thread.on;
  const isResolved = thread.resolvedBy !== null;
  return (
    <article class={`thread${isSelected ? " on" : ""}`} data-on={thread.on ?? undefined} aria-label={t("Thread")}>
      <div class="row about">
        <About thread={thread} />
        <span class="grow" />
        {workspace.mayWrite.value && (
          <button type="button" class="mini" onClick={() => discussion.resolve(thread, !isResolved)}>
            {isResolved ? t("Reopen") : (
              <>
                <Check /> {t("Resolve")}
              </>
            )}
          </button>
        )}
      </div>
      {isResolved && <p class="muted">{t("Resolved by {who}", { who: workspace.nameOf(thread.resolvedBy) })}</p>}
      <ul>
        {!thread.first && <li class="muted">{t("The first comment was deleted.")}</li>}
        {thread.comments.map((comment) => (
          <CommentLine key={comment.id} comment={comment} fresh={fresh.has(comment.id)} />
        ))}
      </ul>
      {workspace.mayWrite.value &&
        (reply === null ? (
          <button type="button" class="reply" onClick={() => setReply("")}>
            {t("Reply")}
          </button>
        ) : (
          <Composer
            name={t("Reply")}
            body={reply}
            focused
            submit={t("Send")}
            change={setReply}
            cancel={() => setReply(null)}
            send={(body, mentions) => {
              discussion.reply(thread, body, mentions);
              setReply(null);
            }}
          />
        ))}
    </article>
  );
}

/** What a thread speaks of, and the way there; of what is gone, what it said when somebody commented on it. */
function About({ thread }: { thread: Thread }) {
  const workspace = useWorkspace();
  if (thread.on === null) return <span class="muted">{t("The task")}</span>;
  const mark = workspace.mark(thread.on);
  if (!mark || mark.status === "rejected") {
    return (
      <>
        <q class="gone ellipsis">{mark ? workspace.wording(mark) : (thread.quote ?? t("a label"))}</q>
        <span class="chip warn">{mark ? t("rejected") : t("deleted")}</span>
      </>
    );
  }
  const { name, colour } = workspace.labelOf(mark);
  return (
    <button type="button" class="quote" title={t("Show it in the text")} onClick={() => workspace.choose(mark.id)}>
      <i class="swatch" style={{ "--c": mark.kind === "span" ? colour : "var(--accent)" }} />
      <span class="ellipsis">{workspace.wording(mark)}</span>
      {mark.kind === "span" && <span class="muted">{name}</span>}
    </button>
  );
}

/** A new thread. What it speaks of is what was selected when it was begun, whatever happens to that meanwhile. */
function NewThread() {
  const workspace = useWorkspace();
  const { ui } = workspace;
  const mark = workspace.selectedMark();
  const here = mark ? { on: mark.id, quote: quoteOf(workspace, mark.id) } : { on: null, quote: null };
  const draft = ui.draft.value ?? { body: "", ...here };
  const change = (body: string): void => void (ui.draft.value = body ? { ...draft, body } : null);
  const forget = (): void => {
    ui.draft.value = ui.draft.value && { ...ui.draft.value, on: null, quote: null };
    if (ui.selected.value === draft.on) workspace.choose(null);
  };
  return (
    <div class="new-thread">
      <div class="row muted">
        {draft.on === null ? (
          <span>{t("About the task")}</span>
        ) : (
          <>
            <span class="ellipsis">{t("About “{what}”", { what: draft.quote ?? "" })}</span>
            <button type="button" class="icon-button" aria-label={t("About the task instead")} title={t("About the task instead")} onClick={forget}>
              <Cross />
            </button>
          </>
        )}
      </div>
      <Composer
        name={t("New comment")}
        body={draft.body}
        focused={ui.wantsToComment.value}
        submit={t("Send")}
        change={change}
        send={(body, mentions) => {
          workspace.shown.peek().open.discussion.add({ body, mentions, on: draft.on, quote: draft.quote });
          ui.draft.value = null;
          workspace.say(t("Comment sent"));
        }}
      />
    </div>
  );
}

function quoteOf(workspace: Workspace, id: string): string | null {
  const mark = workspace.mark(id);
  if (!mark) return null;
  return mark.kind === "span" ? `${workspace.wording(mark)} · ${workspace.labelOf(mark).name}` : workspace.wording(mark);
}

/** First what speaks of the task, then as the text goes, then what has no place in it any more. */
function inOrder(threads: readonly Thread[], workspace: Workspace): Thread[] {
  const place = ({ on }: Thread): number => {
    if (on === null) return -1;
    const mark = workspace.mark(on);
    return (mark && spanOf(mark)?.start) ?? Number.MAX_SAFE_INTEGER;
  };
  return threads.map((thread) => ({ thread, at: place(thread) })).sort((a, b) => a.at - b.at || (a.thread.id < b.thread.id ? -1 : 1)).map(({ thread }) => thread);
}
