import { type Signal, signal } from "@preact/signals";
import { beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";

import { TaskDocument } from "./document";
import type { Field, Id, Json, Person, Statement } from "./model";
import { countKey } from "./resolution";
import { rootsOf } from "./roots";
import { Schema } from "./schema";
import { UndoStack } from "./undo";

const ANN: Person = { id: 1, name: "ann", colour: "#3557e0" };
const BEN: Person = { id: 2, name: "ben", colour: "#b4478e" };

let clock: number;
let ann: Tab;
let ben: Tab;

beforeEach(() => {
  clock = 0;
  ann = openTab(ANN);
  ben = openTab(BEN);
});

describe("a document", () => {
  it("shows a label to both, and counts it", () => {
    const id = ann.task.add("entities", "person", { start: 0, end: 3 });
    meet();
    expect(ben.task.get(id)).toMatchObject({ kind: "span", label: "person", status: "accepted", author: 1, origin: "human", score: null });
    expect(ben.task.counts.value.get(countKey("entities", "person"))).toBe(1);
  });

  it("keeps both, a move and a new label", () => {
    const id = ann.task.add("entities", "person", { start: 0, end: 3 });
    meet();
    ann.task.relabel(id, "place");
    ben.task.revalue(id, { start: 0, end: 5 });
    meet();
    for (const tab of [ann, ben]) expect(tab.task.get(id)).toMatchObject({ label: "place", value: { start: 0, end: 5 }, corrected: true });
  });

  it("is not corrected any more when it says again what was said first", () => {
    const id = ann.task.add("entities", "person", { start: 0, end: 3 });
    ann.task.relabel(id, "place");
    ann.task.relabel(id, "person");
    ann.task.revalue(id, { start: 0, end: 4 });
    ann.task.revalue(id, { end: 3, start: 0 });
    expect(ann.task.get(id)).toMatchObject({ label: "person", corrected: false });
  });

  it("accepts a suggestion by correcting it, in one transaction", () => {
    const id = suggest("entities", "person", { start: 0, end: 3 });
    let updates = 0;
    ann.doc.on("update", () => (updates += 1));
    ann.task.relabel(id, "place");
    meet();
    expect(ben.task.get(id)).toMatchObject({ status: "accepted", label: "place", decidedBy: 1, corrected: true });
    expect(updates).toBe(1);
  });

  it("ends two people's decisions at once in one", () => {
    const id = suggest("entities", "person", { start: 0, end: 3 });
    ann.task.accept([id]);
    ben.task.reject([id]);
    meet();
    expect(ann.task.get(id)?.status).toBe(ben.task.get(id)?.status);
    expect(["accepted", "rejected"]).toContain(ann.task.get(id)?.status);
  });

  it("does not suggest what a person said", () => {
    const id = suggest("entities", "person", { end: 3, start: 0 });
    const own = ann.task.add("entities", "person", { start: 0, end: 3 });
    expect(ann.task.get(id)?.status).toBe("duplicate");
    expect(ann.task.suggestions.value).toEqual([]);
    ann.task.remove(own);
    expect(ann.task.suggestions.value.map((mark) => mark.id)).toEqual([id]);
  });

  it("counts the same said twice once, and credits both", () => {
    const first = ann.task.add("entities", "person", { start: 0, end: 3 });
    const second = ben.task.add("entities", "person", { start: 0, end: 3 });
    meet();
    for (const tab of [ann, ben]) {
      expect(tab.task.get(first)).toMatchObject({ status: "accepted", alsoBy: [2] });
      expect(tab.task.get(second)?.status).toBe("duplicate");
    }
    ann.task.remove(first);
    meet();
    expect(ben.task.accepted.value).toEqual([]);
  });

  it("relabels what says the same along with it", () => {
    const first = ann.task.add("entities", "person", { start: 0, end: 3 });
    ben.task.add("entities", "person", { start: 0, end: 3 });
    meet();
    ann.task.relabel(first, "place");
    expect(ann.task.accepted.value).toHaveLength(1);
    expect(ann.task.accepted.value[0]).toMatchObject({ id: first, label: "place", alsoBy: [2] });
  });

  it("rejects what a model or an import said instead of deleting it", () => {
    const id = put("entities", "person", { start: 0, end: 3 }, { origin: "import", author: null });
    ann.task.remove(id);
    expect(ann.task.get(id)).toMatchObject({ status: "rejected", decidedBy: 1 });
  });

  it("says that a label was removed, and that it is back", () => {
    const id = ann.task.add("entities", "person", { start: 0, end: 3 });
    ann.schema.value = new Schema(FIELDS.map((field) => ({ ...field, labels: field.labels.map((label) => ({ ...label, removed: true })) })));
    expect(ann.task.get(id)?.labelRemoved).toBe(true);
    ann.schema.value = new Schema(FIELDS);
    expect(ann.task.get(id)?.labelRemoved).toBe(false);
  });

  it("ignores what was said of an annotation that is gone", () => {
    const id = ann.task.add("entities", "person", { start: 0, end: 3 });
    meet();
    ann.task.remove(id);
    ben.task.relabel(id, "place");
    meet();
    expect([ann.task.get(id), ben.task.get(id)]).toEqual([undefined, undefined]);
  });

  it("reads the task's state", () => {
    ann.doc.getMap("state").set("task", { status: "submitted", by: 2, at: at() });
    expect(ann.task.state.value).toMatchObject({ status: "submitted", by: 2 });
  });
});

describe("a single choice", () => {
  it("has one answer: the last, and what was there is cleared", () => {
    ann.task.choose("sentiment", "positive", true);
    ann.task.choose("sentiment", "negative", true);
    expect(said(ann, "sentiment")).toEqual([["negative", "accepted"]]);
    ann.task.choose("sentiment", "negative", false);
    expect(said(ann, "sentiment")).toEqual([]);
  });

  it("has one answer for both when two people answer at once", () => {
    ann.task.choose("sentiment", "positive", true);
    ben.task.choose("sentiment", "negative", true);
    meet();
    for (const tab of [ann, ben]) {
      expect(said(tab, "sentiment").sort()).toEqual([["negative", "accepted"], ["positive", "superseded"]]);
    }
    ann.task.choose("sentiment", "negative", false);
    expect(said(ann, "sentiment")).toEqual([]);
  });

  it("counts although a colleague's clock is fast", () => {
    ben.doc.getMap("annotations").set("ben-clock-fast", statement("sentiment", "positive", null, { author: 2, created: "2099-01-01T00:00:00.000Z", origin: "import" }));
    meet();
    ann.task.choose("sentiment", "negative", true);
    expect(said(ann, "sentiment")).toContainEqual(["negative", "accepted"]);
    expect(said(ann, "sentiment")).toContainEqual(["positive", "rejected"]);
  });

  it("accepts the suggestion that says it", () => {
    const id = suggest("sentiment", "positive", null);
    ann.task.choose("sentiment", "neutral", true);
    ann.task.choose("sentiment", "positive", true);
    expect(ann.task.get(id)).toMatchObject({ status: "accepted", decidedBy: 1 });
    expect(said(ann, "sentiment")).toEqual([["positive", "accepted"]]);
  });

  it("clears what an accepted suggestion supersedes", () => {
    const id = suggest("sentiment", "positive", null);
    ann.task.choose("sentiment", "neutral", true);
    ann.task.accept([id]);
    expect(said(ann, "sentiment")).toEqual([["positive", "accepted"]]);
  });
});

describe("several choices and ratings", () => {
  it("puts each choice on and off", () => {
    ann.task.choose("topics", "a", true);
    ann.task.choose("topics", "b", true);
    ann.task.choose("topics", "b", true);
    ann.task.choose("topics", "a", false);
    expect(said(ann, "topics")).toEqual([["b", "accepted"]]);
  });

  it("rates, rates again and takes the rating away", () => {
    ann.task.rate("quality", 3);
    ann.task.rate("quality", 5);
    expect(ann.task.accepted.value).toMatchObject([{ field: "quality", label: null, value: 5 }]);
    ann.task.rate("quality", null);
    expect(ann.task.accepted.value).toEqual([]);
  });
});

describe("many annotations", () => {
  it("accepts all above a score, in updates below the limit and one step to undo", () => {
    ann.doc.transact(() => {
      for (let n = 0; n < 3_000; n += 1) put("entities", "person", { start: n, end: n + 1 }, { origin: "model", score: n / 3_000 });
    });
    const sizes: number[] = [];
    ann.doc.on("update", (update: Uint8Array) => sizes.push(update.byteLength));
    expect(ann.task.acceptAbove(0.5)).toBe(1_500);
    expect(Math.max(...sizes)).toBeLessThan(48_000);
    expect(ann.task.accepted.value).toHaveLength(1_500);
    ann.undo.undo();
    expect(ann.task.suggestions.value).toHaveLength(3_000);
  });

  it("tells of what a change touches, not of all there is", () => {
    ann.doc.transact(() => {
      for (let n = 0; n < 10_000; n += 1) put("entities", "person", { start: n, end: n + 1 }, { origin: "model", score: 0.5 });
    });
    const ids = ann.task.marks.value.map((mark) => mark.id);
    const told: number[] = [];
    ann.task.onChange((change) => told.push(change.before.size));
    for (let n = 0; n < 200; n += 1) ann.task.accept([ids[n * 7] as Id]);
    expect(told).toEqual(Array.from({ length: 200 }, () => 1));
  });

  it("keeps the same object for what did not change", () => {
    const id = suggest("entities", "person", { start: 0, end: 3 });
    const before = ann.task.get(id);
    ann.task.add("entities", "person", { start: 5, end: 6 });
    expect(ann.task.get(id)).toBe(before);
  });

  it("reads the same step by step as at once", () => {
    const random = seeded(11);
    for (let round = 0; round < 400; round += 1) randomDeed(random);
    meet();
    const fresh = openTab(ANN);
    Y.applyUpdate(fresh.doc, Y.encodeStateAsUpdate(ann.doc));
    const sorted = (tab: Tab): Json => [...tab.task.marks.value].sort((a, b) => (a.id < b.id ? -1 : 1)) as unknown as Json;
    expect(sorted(ann)).toEqual(sorted(fresh));
    expect(sorted(ben)).toEqual(sorted(fresh));
  });
});

function randomDeed(random: () => number): void {
  const tab = random() < 0.5 ? ann : ben;
  const any = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const id = any(tab.task.marks.value.map((mark) => mark.id).concat("none"));
  const span = { start: any([0, 5]), end: any([6, 9]) };
  const deeds = [
    () => void tab.task.add("entities", any(["person", "place"]), span),
    () => tab.task.relabel(id, any(["person", "place"])),
    () => tab.task.revalue(id, span),
    () => tab.task.remove(id),
    () => tab.task.accept([id]),
    () => tab.task.reject([id]),
    () => tab.task.choose("sentiment", any(["positive", "negative"]), random() < 0.8),
    () => tab.task.choose("topics", any(["a", "b"]), random() < 0.6),
    () => tab.task.rate("quality", any([1, 2, null])),
    () => void suggest("entities", any(["person", "place"]), span),
    () => void tab.undo.undo(),
    () => void tab.undo.redo(),
    () => meet(),
  ];
  any(deeds)();
}

interface Tab {
  readonly doc: Y.Doc;
  readonly task: TaskDocument;
  readonly undo: UndoStack;
  readonly schema: Signal<Schema>;
}

const label = (key: string): Field["labels"][number] => ({ id: 1, key, name: key, description: "", colour: "", hotkey: "", removed: false });
const field = (key: string, kind: string, labels: string[], multiple = false): Field => ({
  id: 1, key, name: key, kind, multiple, required: false, minimum: 1, maximum: 5, removed: false, labels: labels.map(label),
});
const FIELDS: readonly Field[] = [
  field("entities", "span", ["person", "place"]),
  field("sentiment", "choice", ["positive", "neutral", "negative"]),
  field("topics", "choice", ["a", "b"], true),
  field("quality", "rating", []),
];

function openTab(me: Person): Tab {
  const doc = new Y.Doc();
  const held = signal(doc);
  const schema = signal(new Schema(FIELDS));
  const undo = new UndoStack(held);
  const task = new TaskDocument({ doc: held, schema, me, undo, now: () => new Date(Date.parse(at())) });
  return { doc, task, undo, schema };
}

function meet(): void {
  Y.applyUpdate(ann.doc, Y.encodeStateAsUpdate(ben.doc));
  Y.applyUpdate(ben.doc, Y.encodeStateAsUpdate(ann.doc));
}

function at(): string {
  return new Date(Date.UTC(2026, 10, 21) + clock++).toISOString();
}

function statement(field: string, label: string | null, value: Json, more: Partial<Statement>): Statement {
  const kind = FIELDS.find((each) => each.key === field)?.kind ?? "";
  return { kind, field, label, value, author: null, origin: "human", created: at(), ...more };
}

function put(field: string, label: string | null, value: Json, more: Partial<Statement>): Id {
  const id = `server-${clock}`;
  rootsOf(ann.doc).annotations.set(id, statement(field, label, value, more));
  return id;
}

function suggest(field: string, label: string | null, value: Json): Id {
  const id = put(field, label, value, { origin: "model", score: 0.9, backend: "memory", run: "1" });
  meet();
  return id;
}

function said(tab: Tab, field: string): [string | null, string][] {
  return tab.task.marks.value.filter((mark) => mark.field === field).map((mark) => [mark.label, mark.status]);
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
