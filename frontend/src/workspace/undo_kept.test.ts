/** Undo goes on after a reload: my own steps, as far as nobody changed what they changed. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { DocumentServer } from "../../tests/document_server";
import { isSaved, leaveAll, openTab, type Tab, until } from "../../tests/open";
import { forgetEverything } from "../../../static/js/local_data.js";
import { fitting } from "./undo_kept";
import type { Step } from "./undo_steps";

const SPAN = { start: 0, end: 3 };
const OTHER = { start: 4, end: 6 };

let server: DocumentServer;
let kept: Map<string, string>;

beforeEach(async () => {
  kept = new Map();
  const storage = { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value), removeItem: (name: string) => void kept.delete(name) };
  // As a browser's: what is kept are its own keys.
  vi.stubGlobal("localStorage", new Proxy(storage, { ownKeys: () => [...kept.keys()], getOwnPropertyDescriptor: (_, name) => (kept.has(name as string) ? { enumerable: true, configurable: true } : undefined) }));
  server = await DocumentServer.start();
});

afterEach(async () => {
  await leaveAll();
  await server.stop();
  await forgetEverything();
  vi.unstubAllGlobals();
});

async function open(user: number): Promise<Tab> {
  const tab = openTab(server.address(user), user);
  await isSaved(tab);
  return tab;
}

/** The page is left, and opened again. */
async function reloaded(tab: Tab, user: number): Promise<Tab> {
  await isSaved(tab);
  await tab.leave();
  return open(user);
}

it("takes back, and does again, what was done before the page was loaded again", async () => {
  let ann = await open(1);
  const id = ann.undo.named("“Ada” labelled person", () => ann.document.add("entities", "person", SPAN));
  ann.document.relabel(id, "place");
  ann = await reloaded(ann, 1);
  expect(ann.undo.undoWords.value).toBe("relabel");
  expect(ann.undo.undo()).toBe("relabel");
  expect(ann.document.get(id)?.label).toBe("person");
  expect(ann.undo.undo()).toBe("“Ada” labelled person");
  expect(ann.document.get(id)).toBeUndefined();
  expect([ann.undo.undoWords.value, ann.undo.undo()]).toEqual([null, null]);
  ann = await reloaded(ann, 1);
  expect(ann.undo.redo()).toBe("“Ada” labelled person");
  expect(ann.undo.redo()).toBe("relabel");
  expect(ann.document.get(id)).toMatchObject({ label: "place", author: 1 });
  await isSaved(ann);
  expect(ann.undo.redo()).toBeNull();
});

it("brings back what I deleted, with its correction, exactly as it stood", async () => {
  let ann = await open(1);
  const id = ann.document.add("entities", "person", SPAN);
  ann.document.revalue(id, OTHER);
  await isSaved(ann);
  const stood = JSON.stringify([server.doc.getMap("annotations").get(id), server.doc.getMap("values").get(id)]);
  ann.document.remove(id);
  ann = await reloaded(ann, 1);
  expect(ann.undo.undo()).toBe("delete");
  await isSaved(ann);
  expect(JSON.stringify([server.doc.getMap("annotations").get(id), server.doc.getMap("values").get(id)])).toBe(stood);
});

it("leaves alone what a colleague changed since, and passes on to the step before", async () => {
  let ann = await open(1);
  const first = ann.document.add("entities", "person", SPAN);
  const second = ann.document.add("entities", "person", OTHER);
  ann.document.relabel(second, "place");
  await isSaved(ann);
  const ben = await open(2);
  await until(() => ben.document.get(second)?.label === "place");
  ben.document.relabel(second, "person");
  ben.document.remove(second);
  await isSaved(ben);
  ann = await reloaded(ann, 1);
  expect(ann.undo.undo()).toBe("add");
  expect(ann.document.get(first)).toBeUndefined();
  expect(ann.undo.undo()).toBeNull();
});

it("knows nothing of what others did, nor of other tasks", async () => {
  const ann = await open(1);
  ann.document.add("entities", "person", SPAN);
  await isSaved(ann);
  const ben = await reloaded(await open(2), 2);
  expect(ben.undo.undoWords.value).toBeNull();
  await ann.leave();
  const elsewhere = openTab(server.address(1), 1, 2);
  await isSaved(elsewhere);
  expect(elsewhere.undo.undoWords.value).toBeNull();
});

it("goes on with new steps on top of old ones, and forgets what was undone when something new is done", async () => {
  let ann = await open(1);
  const first = ann.document.add("entities", "person", SPAN);
  ann = await reloaded(ann, 1);
  const second = ann.document.add("entities", "person", OTHER);
  ann.undo.undo();
  ann.undo.undo();
  expect([ann.document.get(first), ann.document.get(second)]).toEqual([undefined, undefined]);
  expect([ann.undo.redo(), ann.undo.redo(), ann.undo.redo()]).toEqual(["add", "add", null]);
  expect(ann.document.accepted.value.map((mark) => mark.id).sort()).toEqual([first, second].sort());
  ann.undo.undo();
  ann.undo.undo();
  ann.document.rate("quality", 3);
  expect(ann.undo.redo()).toBeNull();
});

it("takes a decision on many back as one step", async () => {
  let ann = await open(1);
  const ids = Array.from({ length: 300 }, (_, i) => ann.document.add("entities", "person", { start: i, end: i + 1 }));
  ann.document.reject(ids);
  ann = await reloaded(ann, 1);
  expect(ann.document.accepted.value).toHaveLength(0);
  expect(ann.undo.undo()).toBe("reject 300");
  expect(ann.document.accepted.value).toHaveLength(300);
  await isSaved(ann);
});

it("takes back what a refusal of something else has rebuilt the document for", async () => {
  const ann = await open(1);
  const id = ann.document.add("entities", "person", SPAN);
  await isSaved(ann);
  server.refuses = (_, after) => (after.getMap("labels").size ? { code: "no", sentence: "No.", annotation: id } : null);
  ann.document.relabel(id, "place");
  await until(() => ann.connection.refused.value.length === 1);
  await isSaved(ann);
  expect(ann.document.get(id)?.label).toBe("person");
  expect(ann.undo.undo()).toBe("add");
  expect(ann.document.get(id)).toBeUndefined();
});

it("keeps the last steps that there is room for", () => {
  const step = (words: string, changes = 1): Step => ({ words, changes: Array.from({ length: changes }, (_, i) => ({ root: "labels", key: String(i), before: null, after: { label: "x" } })) });
  expect(fitting([step("a"), step("b", 0), step("c")]).map(({ words }) => words)).toEqual(["a", "c"]);
  expect(fitting([step("a"), step("long", 1000), step("c")], 5000).map(({ words }) => words)).toEqual(["c"]);
});
