/** The pure parts behind the panels: order and walking, runs and saved in words, the queue, what happened. */

import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { deedOf, sentenceOf } from "./app_activity";
import { afterLosing, atLeast, compareByPlace, compareByScore, neighbour } from "./app_entries";
import { Queue, type QueueTask } from "./app_queue";
import { runViews, withRun } from "./app_runs";
import { savedWords } from "./app_saved";
import type { Resolved, Run } from "./model";
import { trim } from "./wording";

function mark(id: string, start: number, end: number, more: Partial<Resolved> = {}): Resolved {
  return {
    id,
    kind: "span",
    field: "entities",
    label: "person",
    value: { start, end },
    author: 1,
    origin: "human",
    created: "2026-01-01T00:00:00.000Z",
    status: "accepted",
    decidedBy: null,
    corrected: false,
    alsoBy: [],
    labelRemoved: false,
    score: null,
    backend: null,
    version: null,
    run: null,
    ...more,
  };
}

const ids = (marks: readonly Resolved[]): string[] => marks.map((each) => each.id);

describe("lists", () => {
  const answer = mark("answer", 0, 0, { kind: "choice", value: null });
  const marks = [answer, mark("b", 4, 6, { score: 0.5 }), mark("outer", 0, 9, { score: 0.897 }), mark("inner", 0, 3, { score: 0.9 })];

  it("go by the text, the outer first, and end with what has no place in it", () => {
    expect(ids([...marks].sort(compareByPlace))).toEqual(["outer", "inner", "b", "answer"]);
  });

  it("go by score, the best first", () => {
    expect(ids([...marks].sort(compareByScore))).toEqual(["inner", "outer", "b", "answer"]);
  });

  it("count a score as it is shown, with two digits", () => {
    expect(ids(atLeast(marks, 0.9))).toEqual(["outer", "inner"]);
  });

  it("are walked from nowhere to the first, and stop at their ends", () => {
    expect(neighbour(marks, null, 1)?.id).toBe("answer");
    expect(neighbour(marks, null, -1)?.id).toBe("inner");
    expect(neighbour(marks, "b", 1)?.id).toBe("outer");
    expect(neighbour(marks, "inner", 1)?.id).toBe("inner");
    expect(neighbour([], null, 1)).toBeUndefined();
  });

  it("go on with the next when one is gone, at the end with the one before", () => {
    expect(afterLosing(marks, "b")?.id).toBe("outer");
    expect(afterLosing(marks, "inner")?.id).toBe("outer");
  });
});

describe("trim", () => {
  it("leaves blanks at the ends out of a selection, and makes nothing of blanks alone", () => {
    expect(trim("a  bc \n d", { from: 1, to: 7 })).toEqual({ from: 3, to: 5 });
    expect(trim("a   b", { from: 1, to: 4 })).toBeNull();
  });
});

describe("savedWords", () => {
  it("says saved only when nothing is unsaved", () => {
    expect(savedWords({ name: "synced" }, 0, true).words).toBe("Saved");
    expect(savedWords({ name: "synced" }, 2, true).words).toBe("Saving · 2 unsaved");
    expect(savedWords({ name: "offline" }, 3, true)).toMatchObject({ state: "offline", words: "Offline · 3 unsaved", more: ", kept in this browser" });
    expect(savedWords({ name: "offline" }, 3, false).more).toBe(", lost if you close this tab");
    expect(savedWords({ name: "closed", code: 4403, sentence: "x" }, 0, true).words).toBe("Closed");
  });
});

describe("runs", () => {
  const backend = { id: 7, name: "ner", kind: "stream", enabled: true };
  const run = (more: Partial<Run>): Run => ({
    id: 1,
    task: 1,
    backend,
    state: "running",
    progress: null,
    message: null,
    suggestions: 0,
    refused: 0,
    problems: [],
    first_ms: null,
    version: null,
    error: null,
    started_by: null,
    stopped_by: null,
    ...more,
  });

  it("show every backend that can be asked, and the last run of each", () => {
    const views = runViews([backend, { ...backend, id: 8, name: "off", enabled: false }], [run({ id: 1, state: "done" }), run({ id: 2, suggestions: 4, first_ms: 38, message: "reading" })]);
    expect(views.map((view) => [view.backend.name, view.id, view.active, view.details])).toEqual([["ner", 2, true, "4 suggestions · first after 38 ms · reading"]]);
    expect(runViews([backend], [])[0]).toMatchObject({ state: null, words: "not asked yet", active: false });
  });

  it("take the newer word on a run in the place of the older", () => {
    const heard = withRun([run({ id: 1 })], run({ id: 1, state: "stopped", stopped_by: "ada" }));
    expect(runViews([backend], heard)[0]?.words).toBe("stopped by ada");
  });

  it("keep what is newer when older words on a run come late", () => {
    const ended = [run({ id: 1, state: "done", suggestions: 3 })];
    expect(withRun(ended, run({ id: 1, state: "running", suggestions: 3 }))).toBe(ended);
    const further = [run({ id: 1, state: "running", suggestions: 3 })];
    expect(withRun(further, run({ id: 1, state: "running", suggestions: 2 }))).toBe(further);
    expect(withRun(further, run({ id: 1, state: "running", suggestions: 4 }))[0]?.suggestions).toBe(4);
  });
});

describe("Queue", () => {
  const task = (id: number): QueueTask => ({ id, excerpt: `Task ${id}`, status: "open", annotations: 0, suggestions: 0, comments: 0, unread: 0 });
  const all = Array.from({ length: 60 }, (_, i) => task(i + 1));
  const fetchPage = ({ after, before, limit }: { after?: number; before?: number; limit: number }) =>
    Promise.resolve(before === undefined ? all.filter(({ id }) => id > (after ?? 0)).slice(0, limit) : all.filter(({ id }) => id < before).slice(-limit));
  const here = signal([
    { user: { id: 2, name: "ben", colour: "#000000" }, task: 31 },
    { user: { id: 2, name: "ben", colour: "#000000" }, task: 31 },
  ]);

  it("counts what colleagues say elsewhere as unread, and never more than there is", async () => {
    const queue = new Queue(fetchPage, here);
    await queue.showAround(30);
    const said = (id: number): readonly unknown[] => queue.tasks.value.filter((each) => each.id === id).flatMap(({ comments, unread }) => [comments, unread]);
    queue.hearComments(31, 2, 1);
    expect(said(31)).toEqual([2, 1]);
    queue.hearComments(31, 1, 2);
    expect(said(31)).toEqual([1, 1]);
    queue.hearComments(999, 1, 1);
    expect(said(30)).toEqual([0, 0]);
  });

  it("shows a task among its neighbours and goes on at both ends", async () => {
    const queue = new Queue(fetchPage, here);
    await queue.showAround(30);
    expect(queue.tasks.value.map(({ id }) => id)).toEqual(Array.from({ length: 24 }, (_, i) => 26 + i));
    await queue.loadBefore();
    await queue.loadAfter();
    expect(queue.tasks.value[0]?.id).toBe(6);
    expect(queue.tasks.value[queue.tasks.value.length - 1]?.id).toBe(60);
    expect(queue.mayGoOn.value).toBe(false);
  });

  it("knows the neighbours of a task, listed or not", async () => {
    const queue = new Queue(fetchPage, here);
    await queue.showAround(30);
    expect(await queue.neighbour(30, 1)).toBe(31);
    expect(await queue.neighbour(26, -1)).toBe(25);
    expect(await queue.neighbour(1, -1)).toBeNull();
  });

  it("hears of changes, and counts two tabs of a person once", async () => {
    const queue = new Queue(fetchPage, here);
    await queue.showAround(30);
    queue.hear([{ id: 31, status: "submitted", annotations: 3 }]);
    expect(queue.tasks.value.find(({ id }) => id === 31)).toMatchObject({ status: "submitted", annotations: 3, excerpt: "Task 31" });
    expect(queue.on(31)).toHaveLength(1);
  });
});

describe("deedOf", () => {
  const names = { wording: () => "Kourou", labelOf: () => ({ name: "Location" }), nameOf: (user: number | null) => (user === 2 ? "ben" : user === 3 ? "cleo" : "somebody") };
  const authors = { removedBy: (id: string) => (id === "a" ? 2 : null), correctedBy: () => 3 };
  const told = (was: Resolved | undefined, is: Resolved | undefined): string => {
    const deed = deedOf([[was, is]], names, authors);
    return deed ? sentenceOf(deed) : "";
  };

  it("says who did what", () => {
    const suggested = mark("a", 0, 6, { origin: "model", author: null, backend: "ner", status: "suggested" });
    expect(told(undefined, mark("a", 0, 6, { author: 2 }))).toBe("ben added Kourou · Location");
    expect(told(undefined, suggested)).toBe("ner suggested Kourou · Location");
    expect(told(suggested, { ...suggested, status: "accepted", decidedBy: 2 })).toBe("ben accepted Kourou · Location");
    expect(told(suggested, { ...suggested, status: "rejected", decidedBy: 2 })).toBe("ben rejected Kourou · Location");
    expect(told(mark("a", 0, 6), undefined)).toBe("ben deleted Kourou · Location");
    expect(told(mark("a", 0, 6, { author: 2 }), mark("a", 0, 6, { author: 2, label: "place" }))).toBe("cleo relabelled Kourou · Location");
    expect(told(mark("a", 0, 6, { author: 2 }), mark("a", 0, 7, { author: 2 }))).toBe("cleo changed Kourou · Location");
  });

  it("names nobody who is not known", () => {
    expect(told(mark("b", 0, 6), undefined)).toBe("Somebody deleted Kourou · Location");
  });
});
