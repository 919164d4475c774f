import { afterEach, beforeEach, expect, it } from "vitest";

import { DocumentServer } from "../../tests/document_server";
import { isSaved, leaveAll, openTab, type Tab, until } from "../../tests/open";
import { forgetEverything } from "../../../static/js/local_data.js";

const SPAN = { start: 0, end: 3 };

let server: DocumentServer;
let ann: Tab;
let ben: Tab;

beforeEach(async () => {
  server = await DocumentServer.start();
  [ann, ben] = [openTab(server.address(1), 1), openTab(server.address(2), 2)];
  await Promise.all([isSaved(ann), isSaved(ben)]);
});

afterEach(async () => {
  await leaveAll();
  await server.stop();
  await forgetEverything();
});

it("takes back my own edits only", async () => {
  const mine = ann.document.add("entities", "person", SPAN);
  const theirs = ben.document.add("entities", "place", { start: 4, end: 6 });
  await until(() => ann.document.get(theirs) !== undefined);
  expect(ann.undo.undo()).toBe("add");
  expect(ann.undo.undo()).toBeNull();
  await until(() => ben.document.get(mine) === undefined);
  expect(ben.document.get(theirs)).toBeDefined();
});

it("brings a deleted annotation back exactly as it was", async () => {
  const id = ann.document.add("entities", "person", SPAN);
  await isSaved(ann);
  const stated = server.doc.getMap("annotations").get(id);
  ann.document.relabel(id, "place");
  ann.document.remove(id);
  await until(() => !server.doc.getMap("annotations").has(id));
  expect(ann.undo.undo()).toBe("delete");
  await until(() => server.doc.getMap("annotations").has(id));
  expect(server.doc.getMap("annotations").get(id)).toEqual(stated);
  await until(() => ben.document.get(id)?.label === "place");
});

it("has words for what it would do, and none where there is nothing", () => {
  expect([ann.undo.undoWords.value, ann.undo.redoWords.value]).toEqual([null, null]);
  const id = ann.document.add("entities", "person", SPAN);
  ann.document.relabel(id, "place");
  expect(ann.undo.undoWords.value).toBe("relabel");
  ann.undo.undo();
  expect([ann.undo.undoWords.value, ann.undo.redoWords.value]).toEqual(["add", "relabel"]);
  expect(ann.undo.redo()).toBe("relabel");
  expect(ann.document.get(id)?.label).toBe("place");
});

it("does not take back what a colleague has decided since", async () => {
  const id = ann.document.add("entities", "person", SPAN);
  ann.document.relabel(id, "place");
  await until(() => ben.document.get(id)?.label === "place");
  ben.document.reject([id]);
  await until(() => ann.document.get(id)?.status === "rejected");
  ann.undo.undo();
  expect(ann.document.get(id)).toMatchObject({ label: "person", status: "rejected", decidedBy: 2 });
});

it("takes back what is typed under an editor's own origin, with a pause as one step", async () => {
  const typist = Symbol("an editor");
  ann.undo.track(typist);
  const text = ann.document.text("note");
  for (const word of ["one ", "two "]) text.doc?.transact(() => text.insert(text.length, word), typist);
  await until(() => ben.document.text("note").length === 8);
  ben.document.text("note").insert(0, "zero ");
  await until(() => text.length === 13);
  expect(ann.undo.undo()).toBe("typing");
  await until(() => ben.document.text("note").toJSON() === "zero ");
});

it("starts anew, and works, after the document was rebuilt", async () => {
  server.refuses = (_, after) => (after.getMap("annotations").size ? { code: "no", sentence: "No.", annotation: [...after.getMap("annotations").keys()][0] as string } : null);
  ann.document.add("entities", "person", SPAN);
  await until(() => ann.connection.refused.value.length === 1);
  server.refuses = () => null;
  await isSaved(ann);
  expect(ann.undo.undoWords.value).toBeNull();
  const id = ann.document.add("entities", "person", SPAN);
  expect(ann.undo.undo()).toBe("add");
  expect(ann.document.get(id)).toBeUndefined();
});
