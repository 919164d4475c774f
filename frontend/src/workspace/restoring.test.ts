/** Replay of a journal, and putting back what stood: on Yjs documents, and between two tabs on a server of one document. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";

import { forgetEverything } from "../../../static/js/local_data.js";
import { DocumentServer } from "../../tests/document_server";
import { isSaved, leaveAll, openTab, type Tab, until } from "../../tests/open";
import type { Statement } from "./model";
import { Replay, type UpdateRow } from "./replay";
import { planOf } from "./restoring";

const AT = "2026-01-01T00:00:00.000Z";

function statement(start: number, author: number | null = 1): Statement {
  return { kind: "span", field: "entities", label: "person", value: { start, end: start + 1 }, author, origin: "human", created: AT };
}

/** A journal of many small edits, served in pages. */
function journal(edits: number): { rows: UpdateRow[]; states: string[]; asked: number[]; replay: Replay } {
  const doc = new Y.Doc();
  const rows: UpdateRow[] = [];
  const states = [shown(doc)];
  doc.on("update", (update: Uint8Array) => {
    rows.push({ seq: rows.length + 1, author: "ann", origin: "human", at: AT, update: Buffer.from(update).toString("base64") });
    states.push(shown(doc));
  });
  for (let n = 0; n < edits; n += 1) {
    if (n % 3 === 2) doc.getMap("annotations").delete(`span-${n - 1}`);
    else doc.getMap("annotations").set(`span-${n}`, statement(n));
  }
  const asked: number[] = [];
  const replay = new Replay((after) => {
    asked.push(after);
    const items = rows.filter(({ seq }) => seq > after).slice(0, 200);
    return Promise.resolve({ items, next: (items.at(-1)?.seq ?? 0) < rows.length && items.length ? (items.at(-1)?.seq ?? null) : null });
  });
  return { rows, states, asked, replay };
}

function shown(doc: Y.Doc): string {
  return JSON.stringify(doc.getMap("annotations").toJSON());
}

describe("a replay", () => {
  it("gives the task as it was after any row, in whatever order it is asked", async () => {
    const { states, replay, asked } = journal(620);
    await Promise.all([replay.load(), replay.load()]);
    expect(asked).toEqual([0, 200, 400, 600]);
    for (const seq of [620, 0, 1, 249, 250, 251, 500, 499, 3]) expect(shown(replay.docAt(seq))).toBe(states[seq]);
    expect(replay.rowAt(0)).toBeUndefined();
    expect(replay.rowAt(42)?.seq).toBe(42);
  });

  it("fetches only what came since", async () => {
    const { rows, states, replay, asked } = journal(10);
    const later = rows.splice(6);
    await replay.load();
    rows.push(...later);
    await replay.load();
    expect(asked).toEqual([0, 6]);
    expect(shown(replay.docAt(10))).toBe(states[10]);
  });
});

describe("a plan", () => {
  it("names what comes back, goes and changes, and whose words that takes back", () => {
    const then = new Y.Doc();
    then.getMap("annotations").set("stays", statement(0));
    then.getMap("annotations").set("comes-back", statement(1));
    then.getMap("decisions").set("comes-back", { status: "accepted", by: 3, at: AT });
    then.getText("text/note").insert(0, "Then.");
    const now = new Y.Doc();
    Y.applyUpdate(now, Y.encodeStateAsUpdate(then));
    now.getMap("annotations").delete("comes-back");
    now.getMap("annotations").set("goes", statement(2, 7));
    now.getMap("labels").set("goes", { label: "place", by: 8, at: AT });
    now.getMap("labels").set("stays", { label: "place", by: 9, at: AT });
    now.getMap("comments").set("comment-1", { on: null, author: 5, body: "Hm.", created: AT });
    now.getText("text/note").insert(4, " and now");
    now.getText("text/closed").insert(0, "x");
    const plan = planOf(now, then, null, (field) => field === "closed");
    expect(plan).toMatchObject({ back: ["comes-back"], gone: ["goes"], changed: ["stays"], texts: ["note"], people: [7, 9] });
    expect(plan.edits.map(({ root, key }) => `${root}/${key}`)).toEqual(["annotations/goes", "annotations/comes-back", "labels/stays", "text/note/"]);
    expect(planOf(now, then, new Set(["comes-back"])).edits).toEqual([{ root: "annotations", key: "comes-back", value: statement(1) }]);
    expect(planOf(then, then).edits).toEqual([]);
  });
});

describe("a restore", () => {
  let server: DocumentServer;
  let ann: Tab;
  let ben: Tab;

  beforeEach(async () => {
    server = await DocumentServer.start();
    [ann, ben] = [openTab(server.address(1), 1), openTab(server.address(2), 2)];
    await isSaved(ann);
    await isSaved(ben);
  });
  afterEach(async () => {
    await leaveAll();
    await server.stop();
    await forgetEverything();
  });

  const doc = (tab: Tab): Y.Doc => tab.connection.doc.value;
  const copy = (of: Y.Doc): Y.Doc => {
    const made = new Y.Doc();
    Y.applyUpdate(made, Y.encodeStateAsUpdate(of));
    return made;
  };

  it("is one step that everybody sees, that can be undone, and that leaves what a colleague did meanwhile alone", async () => {
    for (let start = 0; start < 600; start += 1) ann.document.add("entities", "person", { start, end: start + 1 });
    await until(() => ben.document.accepted.value.length === 600);
    const then = copy(doc(ann));
    for (const mark of ben.document.accepted.value) ben.document.remove(mark.id);
    await until(() => ann.document.accepted.value.length === 0);
    await isSaved(ben);
    const plan = planOf(doc(ann), then);
    ben.document.add("entities", "place", { start: 900, end: 905 });
    await isSaved(ben);
    ann.document.restore(plan.edits);
    await isSaved(ann);
    await until(() => ben.document.accepted.value.length === 601);
    expect(Math.max(...server.sizes)).toBeLessThan(65_536);
    expect(ann.undo.undo()).toBe("restore");
    await isSaved(ann);
    await until(() => ben.document.accepted.value.length === 1);
    expect(ben.document.accepted.value[0]?.label).toBe("place");
  });
});
