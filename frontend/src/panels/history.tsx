/** What was done in the task, the newest first, and a slider through all of it; what was taken away can come back. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useWorkspace } from "./context";
import { History as Clock, Pause, Play } from "./icons";
import { Avatar } from "./parts";
import type { DeedDone, HistoryRow } from "../workspace/api";
import { TaskHistory } from "../workspace/app_history";
import { rowWords } from "../workspace/deed_words";
import { exactly, when } from "../words/when";
import { t } from "../words/words";

const REFRESH_AFTER_MS = 900;
const STEP_MS = 90;
const MOST_STEPS = 100;

export default function HistoryPanel() {
  const workspace = useWorkspace();
  const task = workspace.task.value.id;
  const history = useMemo(() => new TaskHistory(workspace, task), [task]);
  useRefresh(history);
  return (
    <>
      <TimeSlider history={history} />
      <Which history={history} />
      <Rows history={history} />
    </>
  );
}

/** Whatever is done here or elsewhere is in the list soon. */
function useRefresh(history: TaskHistory): void {
  const workspace = useWorkspace();
  const { document, discussion, state, ui, connection } = workspace;
  const version = [document.value.version.value, discussion.value.threads.value, state.value.at, connection.value.unsaved.value === 0];
  const [isFirst, setFirst] = useState(true);
  const annotation = history.annotation.value;
  useEffect(() => {
    const timer = setTimeout(() => void history.refresh(), isFirst ? 0 : REFRESH_AFTER_MS);
    setFirst(false);
    return () => clearTimeout(timer);
  }, [history, ...version]);
  useEffect(() => void (isFirst || history.refresh()), [annotation]);
  const selected = ui.selected.value;
  useEffect(() => {
    if (history.annotation.peek() !== null && selected !== null) history.annotation.value = selected;
  }, [selected]);
}

function TimeSlider({ history }: { history: TaskHistory }) {
  const { ui, isWriter } = useWorkspace();
  const past = ui.past.value;
  const head = history.head.value;
  const [plays, setPlays] = useState(false);
  const shown = past?.seq ?? head;
  const go = (seq: number): void => {
    setPlays(false);
    if (seq >= head) history.backToNow();
    else void history.goTo(seq).catch(() => ui.toast("warn", t("The history could not be loaded.")));
  };
  usePlay(history, plays, () => setPlays(false));
  if (!head) return null;
  return (
    <section class="time" aria-label={t("Replay")}>
      <div class="row">
        <button type="button" class="icon-button play" aria-label={plays ? t("Pause") : t("Play how the task grew")} title={plays ? t("Pause") : t("Play how the task grew")} onClick={() => setPlays(!plays)}>
          {plays ? <Pause /> : <Play />}
        </button>
        <input
          type="range"
          min={0}
          max={head}
          step={1}
          value={shown}
          aria-label={t("Moment of the task's history")}
          aria-valuetext={past ? momentWords(past.row?.at, past.row?.author) : t("now")}
          onInput={(event) => go(Number((event.target as HTMLInputElement).value))}
        />
      </div>
      <div class="row moment">
        <span class="muted ellipsis">{past ? momentWords(past.row?.at, past.row?.author) : t("now")}</span>
        <span class="grow" />
        {past && (
          <>
            <button type="button" class="mini" onClick={() => go(head)}>
              {t("Back to now")}
            </button>
            {isWriter.value && (
              <button type="button" class="mini primary" onClick={() => history.askToRestore()}>
                {t("Restore…")}
              </button>
            )}
          </>
        )}
      </div>
    </section>
  );
}

export function momentWords(at: string | undefined, author: string | null | undefined): string {
  if (!at) return t("before anything was done");
  return author ? t("{when}, by {who}", { when: when(at), who: author }) : when(at);
}

/** From where it stands, or from the beginning, to now. */
function usePlay(history: TaskHistory, plays: boolean, end: () => void): void {
  const { ui } = useWorkspace();
  const ended = useRef(end);
  ended.current = end;
  useEffect(() => {
    if (!plays) return undefined;
    let timer = 0;
    let isOver = false;
    const play = async (): Promise<void> => {
      const from = ui.past.peek()?.seq ?? 0;
      const stops = (await history.stops(MOST_STEPS)).filter((seq) => seq >= from && seq < history.head.peek());
      const step = async (at: number): Promise<void> => {
        const seq = stops[at];
        if (isOver) return;
        if (seq === undefined) {
          history.backToNow();
          ended.current();
          return;
        }
        await history.goTo(seq);
        timer = window.setTimeout(() => void step(at + 1), STEP_MS);
      };
      await step(0);
    };
    play().catch(() => ended.current());
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [plays, history]);
}

function Which({ history }: { history: TaskHistory }) {
  const workspace = useWorkspace();
  const mark = workspace.selectedMark();
  const only = history.annotation.value;
  if (!mark && only === null) return null;
  const wording = mark ? workspace.wording(mark) : t("one label");
  return (
    <div class="views" role="group" aria-label={t("Whose history")}>
      <button type="button" aria-pressed={only === null} onClick={() => (history.annotation.value = null)}>
        {t("All of the task")}
      </button>
      <button type="button" class="ellipsis" aria-pressed={only !== null} onClick={() => (history.annotation.value = mark?.id ?? only)}>
        {t("Only “{wording}”", { wording })}
      </button>
    </div>
  );
}

function Rows({ history }: { history: TaskHistory }) {
  const { rows, next, isLoading, failed } = history;
  if (failed.value) return <p class="empty">{failed.value}</p>;
  if (!rows.value.length) return <p class="empty">{isLoading.value ? t("Loading…") : t("Nothing has been done here yet.")}</p>;
  return (
    <div class="scrolls">
      <ol class="history" aria-label={t("History")}>
        {rows.value.map((row) => (
          <RowLine key={row.seq} row={row} history={history} />
        ))}
      </ol>
      {next.value !== null && (
        <button type="button" class="more-tasks" disabled={isLoading.value} onClick={() => void history.older()}>
          {t("Earlier")}
        </button>
      )}
    </div>
  );
}

function RowLine({ row, history }: { row: HistoryRow; history: TaskHistory }) {
  const workspace = useWorkspace();
  const { ui, me } = workspace;
  const model = row.origin === "model" ? row.deeds[0] : undefined;
  const who = model ? [model.backend ?? t("a model"), model.version].filter(Boolean).join(" ") : (row.author ?? t("the server"));
  const member = workspace.project.value.members.find(({ username }) => username === row.author);
  const isShown = ui.past.value?.seq === row.seq;
  const lost = row.deeds.filter((deed) => deed.verb === "deleted" && deed.annotation && !workspace.mark(deed.annotation));
  return (
    <li class={isShown ? "on" : ""}>
      {model ? <span class="avatar small model" aria-hidden="true">◆</span> : <Avatar name={who} colour={member?.colour ?? "#68727d"} small />}
      <div>
        <div class="by">
          <b>{row.author === me.name && !model ? t("You") : who}</b>
          <time dateTime={row.at} title={exactly(row.at)}>
            {when(row.at)}
          </time>
          {row.origin === "api" && <span>{t("by program")}</span>}
          <span class="grow" />
          <button type="button" class="icon-button" aria-label={t("Show the task as it was then")} title={t("Show the task as it was then")} onClick={() => void history.goTo(row.seq)}>
            <Clock />
          </button>
        </div>
        {rowWords(row).map((line, i) => (
          <p key={i} class="deed" dir="auto">
            {line}
          </p>
        ))}
        {workspace.isWriter.value && lost.length > 0 && <Lost lost={lost} seq={row.seq} history={history} />}
      </div>
    </li>
  );
}

function Lost({ lost, seq, history }: { lost: readonly DeedDone[]; seq: number; history: TaskHistory }) {
  return (
    <div class="row lost">
      {lost.slice(0, 3).map(({ annotation, text, label }) => (
        <button key={annotation} type="button" class="mini ellipsis" onClick={() => annotation && void history.askToRestoreOne(annotation, seq)}>
          {t("Restore {what}", { what: text ?? label ?? "" })}
        </button>
      ))}
    </div>
  );
}
