import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";

import { DocumentServer } from "../../tests/document_server";
import { isSaved, leaveAll, openTab, type Tab, until } from "../../tests/open";
import { TIMES } from "./line";
import { forgetEverything } from "../../../static/js/local_data.js";

const SPAN = { start: 0, end: 3 };
const ANN = 1;
const BEN = 2;

let server: DocumentServer;
const times = { ...TIMES };

beforeEach(async () => {
  Object.assign(TIMES, { firstRetry: 10, longestRetry: 40 });
  server = await DocumentServer.start();
});

afterEach(async () => {
  Object.assign(TIMES, times);
  await leaveAll();
  await server.stop();
  await forgetEverything();
});

describe("saved (P2)", () => {
  it("is said when the server has committed, not before", async () => {
    const ann = await synced(ANN);
    const ben = await synced(BEN);
    server.slow = true;
    const id = ann.document.add("entities", "person", SPAN);
    expect(ann.connection.unsaved.value).toBe(1);
    await until(() => server.doc.getMap("annotations").has(id));
    ann.document.relabel(id, "place");
    expect(ann.connection.unsaved.value).toBe(2);
    server.slow = false;
    server.commit();
    await isSaved(ann);
    await until(() => ben.document.get(id)?.label === "place");
  });

  it("is not said of what was on its way when the line broke", async () => {
    const ann = await synced(ANN);
    server.slow = true;
    ann.document.add("entities", "person", SPAN);
    await until(() => server.sizes.length === 1);
    server.cut();
    expect(ann.connection.unsaved.value).toBe(1);
    server.slow = false;
    await isSaved(ann);
    expect(server.doc.getMap("annotations").size).toBe(1);
  });

  it("is not believed of messages before a gap", async () => {
    const ann = await synced(ANN);
    server.slow = true;
    ann.document.add("entities", "person", SPAN);
    await until(() => server.sizes.length === 1);
    server.resync();
    await until(() => server.sizes.length === 2);
    expect(ann.connection.unsaved.value).toBe(1);
    server.commit();
    await isSaved(ann);
  });
});

describe("offline (P3)", () => {
  it("merges what both sides did when the connection is back", async () => {
    const ann = await synced(ANN);
    const ben = await synced(BEN);
    const shared = ann.document.add("entities", "person", SPAN);
    await until(() => ben.document.get(shared) !== undefined);
    const { port } = server;
    await server.stop();
    await until(() => ann.connection.state.value.name === "offline" && ben.connection.state.value.name === "offline");
    ann.document.relabel(shared, "place");
    ann.document.text("note").insert(0, "from ann ");
    ben.document.revalue(shared, { start: 0, end: 5 });
    ben.document.text("note").insert(0, "from ben ");
    expect([ann.connection.unsaved.value, ben.connection.unsaved.value]).toEqual([2, 2]);
    await server.startAgain(port);
    await Promise.all([isSaved(ann), isSaved(ben)]);
    await until(() => ann.document.text("note").length === 18 && ben.document.text("note").length === 18);
    for (const tab of [ann, ben]) expect(tab.document.get(shared)).toMatchObject({ label: "place", value: { start: 0, end: 5 } });
  });

  it("sends what a closed tab could not, and calls it unsaved until then", async () => {
    const ann = await synced(ANN);
    const gone = ann.document.add("entities", "person", SPAN);
    await isSaved(ann);
    const { port } = server;
    await server.stop();
    const kept = ann.document.add("entities", "place", { start: 4, end: 6 });
    ann.document.remove(gone);
    await ann.leave();

    const again = openTab(`ws://127.0.0.1:${port}/as/1/`, ANN);
    await until(() => again.connection.ready.value);
    expect(again.connection.unsaved.value).toBe(2);
    expect(again.document.accepted.value.map((mark) => mark.id)).toEqual([kept]);
    await server.startAgain(port);
    await isSaved(again);
    expect([...server.doc.getMap("annotations").keys()]).toEqual([kept]);

    await again.leave();
    const third = await synced(ANN);
    expect(third.connection.unsaved.value).toBe(0);
  });

  it("sends a deletion that a closed tab could not, though no state vector tells of it", async () => {
    const ann = await synced(ANN);
    const gone = ann.document.add("entities", "person", SPAN);
    await isSaved(ann);
    server.deaf = true;
    ann.document.remove(gone);
    await ann.leave();
    server.deaf = false;
    await isSaved(await synced(ANN));
    await until(() => server.doc.getMap("annotations").size === 0);
  });

  it("lets two tabs of one person work, and lose nothing", async () => {
    const [one, two] = [await synced(ANN), await synced(ANN)];
    const first = one.document.add("entities", "person", SPAN);
    await until(() => two.document.get(first) !== undefined);
    const { port } = server;
    await server.stop();
    one.document.add("entities", "place", { start: 1, end: 2 });
    two.document.add("entities", "place", { start: 2, end: 3 });
    await Promise.all([one.leave(), two.leave()]);
    await server.startAgain(port);
    await isSaved(await synced(ANN));
    await until(() => server.doc.getMap("annotations").size === 3);
  });

  it("keeps documents of other people and epochs apart, and forgets all at logout", async () => {
    const ann = await synced(ANN);
    ann.document.add("entities", "person", SPAN);
    await isSaved(ann);
    await ann.leave();
    const dead = "ws://127.0.0.1:9/";
    const [ben, later] = [openTab(dead, BEN), openTab(dead, ANN, 1, 2)];
    const own = openTab(dead, ANN);
    await until(() => own.connection.ready.value);
    expect([ben.connection.ready.value, later.connection.ready.value]).toEqual([false, false]);
    await leaveAll();
    await forgetEverything();
    expect((await indexedDB.databases()).map((each) => each.name)).toEqual([]);
  });

  it("sends long work in pieces that the server takes", async () => {
    const ann = await synced(ANN);
    server.cut(1012);
    await until(() => ann.connection.state.value.name === "offline");
    ann.connection.doc.value.transact(() => {
      for (let n = 0; n < 9_000; n += 1) ann.document.add("entities", "person", { start: n, end: n + 1 });
    });
    ann.document.text("note").insert(0, "👍 long ".repeat(150_000));
    await isSaved(ann);
    expect(server.doc.getMap("annotations").size).toBe(9_000);
    expect(server.doc.getText("text/note").length).toBe(1_200_000);
    expect(server.sizes.length).toBeGreaterThan(2);
  });
});

describe("a refusal (P5)", () => {
  const noPlaces = (): void => {
    server.refuses = (_, after) => {
      for (const [id, said] of after.getMap("annotations")) {
        if ((said as { label: string }).label === "place") return { code: "unknown_label", sentence: `${id}: no places here.`, annotation: id };
      }
      return null;
    };
  };

  it("keeps a copy, starts again from the server, and makes my other edits again", async () => {
    const ann = await synced(ANN);
    const ben = await synced(BEN);
    const shared = ben.document.add("entities", "person", { start: 7, end: 9 });
    ben.document.text("note").insert(0, "hello");
    await until(() => ann.document.get(shared) !== undefined && ann.document.text("note").length === 5);
    noPlaces();
    const before = ann.connection.doc.value;
    const bad = ann.document.add("entities", "place", SPAN);
    const good = ann.document.add("entities", "person", { start: 4, end: 6 });
    ann.document.remove(shared);
    ann.document.text("note").insert(5, " world");
    await until(() => ann.connection.refused.value.length === 1);
    await isSaved(ann);
    expect(ann.connection.refused.value[0]).toMatchObject({ code: "unknown_label", sentence: `${bad}: no places here.`, annotation: bad });
    expect(ann.connection.refused.value[0]?.kept).toMatchObject([{ root: "annotations", key: bad, value: { label: "place" } }]);
    expect(ann.connection.doc.value.clientID).not.toBe(before.clientID);
    for (const tab of [ann, ben]) {
      await until(() => tab.document.get(good) !== undefined && tab.document.get(shared) === undefined);
      expect(tab.document.get(bad)).toBeUndefined();
      expect(tab.document.text("note").toJSON()).toBe("hello world");
    }
  });

  it("loses nothing that is edited while the document is fetched anew, nor after", async () => {
    const ann = await synced(ANN);
    noPlaces();
    ann.document.add("entities", "place", SPAN);
    await until(() => ann.connection.refused.value.length === 1);
    const between = ann.document.add("entities", "person", { start: 1, end: 2 });
    await isSaved(ann);
    const after = ann.document.add("entities", "person", { start: 2, end: 3 });
    await isSaved(ann);
    expect([...server.doc.getMap("annotations").keys()].sort()).toEqual([between, after].sort());
  });

  it("of several wrong edits leaves out each", async () => {
    const ann = await synced(ANN);
    noPlaces();
    for (let n = 0; n < 3; n += 1) ann.document.add("entities", "place", { start: n, end: n + 1 });
    const good = ann.document.add("entities", "person", SPAN);
    await isSaved(ann);
    expect([...server.doc.getMap("annotations").keys()]).toEqual([good]);
    expect(ann.connection.refused.value).toHaveLength(3);
    ann.connection.dismiss(ann.connection.refused.value[0] as never);
    expect(ann.connection.refused.value).toHaveLength(2);
  });

  it("of one piece of long work loses nothing else, nor half of what was done at once", async () => {
    const ann = await synced(ANN);
    const many = Array.from({ length: 5_000 }, (_, n) => `suggestion-${n}`);
    server.write((doc) => many.forEach((id, n) => doc.getMap("annotations").set(id, suggestion(n))));
    await until(() => ann.document.suggestions.value.length === many.length);
    noPlaces();
    server.cut(1012);
    await until(() => ann.connection.state.value.name === "offline");
    let bad = "";
    // A correction is accepted in the same breath: two entries each.
    ann.connection.doc.value.transact(() => {
      many.forEach((id, n) => ann.document.revalue(id, { start: n, end: n + 7 }));
      bad = ann.document.add("entities", "place", SPAN);
    });
    await until(() => ann.connection.refused.value.length === 1);
    await isSaved(ann);
    expect(server.sizes.length).toBeGreaterThan(2);
    for (const root of ["values", "decisions"]) expect([...server.doc.getMap(root).keys()].sort()).toEqual([...many].sort());
    expect(server.doc.getMap("annotations").has(bad)).toBe(false);
    expect(ann.connection.refused.value[0]?.kept).toMatchObject([{ root: "annotations", key: bad }]);
  });

  it("of a text leaves out that text, and nothing else that came with it", async () => {
    const ann = await synced(ANN);
    server.refuses = (_, after) =>
      after.getText("text/note").length ? { code: "removed_field", sentence: "The field “note” was removed.", annotation: "text/note" } : null;
    server.cut(1012);
    await until(() => ann.connection.state.value.name === "offline");
    const ids = [1, 2, 3].map((n) => ann.document.add("entities", "person", { start: n, end: n + 1 }));
    ann.document.text("note").insert(0, "for a field that is gone");
    await until(() => ann.connection.refused.value.length === 1);
    await isSaved(ann);
    expect(ann.connection.refused.value[0]?.kept).toEqual([{ root: "text/note", key: "", value: "for a field that is gone" }]);
    expect([...server.doc.getMap("annotations").keys()].sort()).toEqual(ids.sort());
    expect(ann.document.text("note").length).toBe(0);
  });

  it("knows whether a closed tab would lose something", async () => {
    const ann = await synced(ANN);
    server.cut();
    ann.document.add("entities", "person", SPAN);
    await until(() => ann.connection.isKept.value);
    expect(ann.connection.unsaved.value).toBe(1);
    const storage = globalThis.indexedDB;
    Reflect.deleteProperty(globalThis, "indexedDB");
    const ben = await synced(BEN);
    globalThis.indexedDB = storage;
    expect(ben.connection.isKept.value).toBe(true);
    server.cut();
    ben.document.add("entities", "person", SPAN);
    expect(ben.connection.isKept.value).toBe(false);
    await isSaved(ben);
    expect(ben.connection.isKept.value).toBe(true);
  });

  it("is not repeated by the next tab", async () => {
    const ann = await synced(ANN);
    server.cut();
    noPlaces();
    ann.document.add("entities", "place", SPAN);
    await until(() => ann.connection.refused.value.length === 1);
    await isSaved(ann);
    await ann.leave();
    const again = await synced(ANN);
    expect(again.connection.refused.value).toEqual([]);
    expect(again.connection.unsaved.value).toBe(0);
    expect(again.document.marks.value).toEqual([]);
  });

  it("keeps a text as a copy where others have changed it meanwhile", async () => {
    const ann = await synced(ANN);
    ann.document.text("note").insert(0, "one two");
    await isSaved(ann);
    noPlaces();
    const refuses = server.refuses;
    server.refuses = (before, after) => {
      const refusing = refuses(before, after);
      // Somebody else is quicker than the new document.
      if (refusing) server.doc.getText("text/note").insert(0, "zero ");
      return refusing;
    };
    ann.document.add("entities", "place", SPAN);
    ann.document.text("note").insert(7, " three");
    await until(() => ann.connection.refused.value.length === 2);
    expect(ann.connection.refused.value[1]).toMatchObject({ code: "not_sent", kept: [{ root: "text/note", value: "one two three" }] });
    await isSaved(ann);
    expect(ann.document.text("note").toJSON()).toBe("zero one two");
  });

  it("shows colleagues again, and me to them, after starting again", async () => {
    const [ann, ben] = [await synced(ANN), await synced(BEN)];
    ann.presence.setSelection({ start: 1, end: 2 });
    ben.presence.setSelection({ start: 3, end: 4 });
    noPlaces();
    ann.document.add("entities", "place", SPAN);
    await until(() => ann.connection.refused.value.length === 1);
    await isSaved(ann);
    await until(() => ann.presence.others.value.some((other) => other.user.id === BEN && other.selection?.start === 3));
    await until(() => ben.presence.others.value.length === 1 && ben.presence.others.value[0]?.selection?.start === 1);
  });
});

describe("the line", () => {
  it("does not come back after a final word, and says it", async () => {
    const ann = await synced(ANN);
    server.cut(4404);
    await until(() => ann.connection.state.value.name === "closed");
    expect(ann.connection.state.value).toMatchObject({ code: 4404, sentence: expect.stringContaining("no such task") as string });
  });

  it("is told to reload when the document was reset, and keeps its copy", async () => {
    const ann = await synced(ANN);
    server.epoch = 2;
    server.cut();
    ann.document.add("entities", "person", SPAN);
    await until(() => ann.connection.state.value.name === "closed");
    expect(ann.connection.state.value).toMatchObject({ code: 4409 });
    expect(ann.connection.unsaved.value).toBe(1);
  });

  it("notices that nobody is there any more though the line stands", async () => {
    Object.assign(TIMES, { ping: 10, silence: 50 });
    const ann = await synced(ANN);
    await until(() => ann.connection.latency.value !== null);
    server.deaf = true;
    await until(() => ann.connection.state.value.name !== "synced");
    server.deaf = false;
    await isSaved(ann);
  });

  it("learns that it may not write any more", async () => {
    const ann = await synced(ANN);
    expect(ann.connection.rights.value).toEqual({ role: "annotator", mayWrite: true });
    server.event({ type: "rights", role: "viewer", may_write: false });
    await until(() => ann.connection.rights.value?.mayWrite === false);
  });

  it("sends many edits in messages that the server takes", async () => {
    const ann = await synced(ANN);
    server.write((doc) => {
      for (let n = 0; n < 3_000; n += 1) doc.getMap("annotations").set(`suggestion-${n}`, suggestion(n));
    });
    await until(() => ann.document.suggestions.value.length === 3_000);
    ann.document.acceptAbove(0);
    await isSaved(ann);
    expect(server.doc.getMap("decisions").size).toBe(3_000);
    ann.undo.undo();
    ann.undo.redo();
    await isSaved(ann);
    expect(server.doc.getMap("decisions").size).toBe(3_000);
  });
});

describe("presence", () => {
  it("shows who is there, as the server vouches, and that they left", async () => {
    const [ann, ben] = [await synced(ANN), await synced(BEN)];
    ann.presence.setSelection({ start: 3, end: 9 });
    ann.presence.setLookingAt("some-annotation");
    await until(() => ben.presence.others.value[0]?.lookingAt === "some-annotation");
    expect(ben.presence.others.value[0]).toMatchObject({ user: { id: ANN, name: "user-1" }, selection: { start: 3, end: 9 } });
    expect(ann.presence.others.value.map((other) => other.user.id)).toEqual([BEN]);
    await ann.leave();
    await until(() => ben.presence.others.value.length === 0);
  });

  it("is back after a break, and knows nobody while it lasts", async () => {
    const [ann, ben] = [await synced(ANN), await synced(BEN)];
    await until(() => ann.presence.others.value.length === 1);
    const { port } = server;
    await server.stop();
    await until(() => ann.presence.others.value.length === 0);
    await server.startAgain(port);
    await until(() => ann.presence.others.value.length === 1 && ben.presence.others.value.length === 1);
  });

  it("is told of many moves in few messages, and the last word arrives", async () => {
    const [ann, ben] = [await synced(ANN), await synced(BEN)];
    await until(() => ben.presence.others.value.length === 1 && ann.presence.others.value.length === 1);
    const before = server.awarenessMessages.length;
    for (let n = 0; n < 60; n += 1) ann.presence.setSelection({ start: n, end: n });
    await until(() => ben.presence.others.value[0]?.selection?.start === 59);
    expect(server.awarenessMessages.length - before).toBeLessThan(6);
  });
});

async function synced(user: number): Promise<Tab> {
  const tab = openTab(server.address(user), user);
  await until(() => tab.connection.state.value.name === "synced", "the tab is synced");
  return tab;
}

function suggestion(n: number): Record<string, unknown> {
  const value = { start: n, end: n + 1 };
  return { kind: "span", field: "entities", label: "person", value, author: null, origin: "model", created: "2026-11-21T00:00:00.000Z", score: 0.5 };
}

it("converges with whatever a stock Yjs document holds", async () => {
  const ann = await synced(ANN);
  const id = ann.document.add("entities", "person", SPAN);
  await isSaved(ann);
  expect(Y.encodeStateVector(ann.connection.doc.value)).toEqual(Y.encodeStateVector(server.doc));
  expect(server.doc.getMap("annotations").get(id)).toMatchObject({ label: "person", author: ANN, origin: "human" });
});
