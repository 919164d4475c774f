/** Threads, what of them is unread, and undo of my own words: between two tabs on a server of one document. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { forgetEverything } from "../../../static/js/local_data.js";
import { DocumentServer } from "../../tests/document_server";
import { isSaved, leaveAll, openTab, type Tab, until } from "../../tests/open";
import type { Thread } from "./discussion";

const ANN = 1;
const BEN = 2;

let server: DocumentServer;
let ann: Tab;
let ben: Tab;

beforeEach(async () => {
  server = await DocumentServer.start();
  [ann, ben] = [openTab(server.address(ANN), ANN), openTab(server.address(BEN), BEN)];
  await isSaved(ann);
  await isSaved(ben);
});

afterEach(async () => {
  await leaveAll();
  await server.stop();
  await forgetEverything();
});

function bodies(tab: Tab): string[][] {
  return tab.discussion.threads.value.map(({ comments }) => comments.map(({ body }) => body));
}

function thread(tab: Tab, at = 0): Thread {
  const found = tab.discussion.threads.value[at];
  if (!found) throw new Error("There is no such thread.");
  return found;
}

const about = { on: null, quote: null, mentions: [] };

describe("threads", () => {
  it("hold a comment and its answers, whoever wrote them, and say when they are resolved", async () => {
    ann.discussion.add({ ...about, body: "Is this a person?", on: "annotation-1", quote: "Ada · person", mentions: [BEN] });
    await until(() => ben.discussion.threads.value.length === 1);
    ben.discussion.reply(thread(ben), "Yes.", []);
    await until(() => bodies(ann)[0]?.length === 2);
    expect(bodies(ann)).toEqual([["Is this a person?", "Yes."]]);
    expect(thread(ann)).toMatchObject({ on: "annotation-1", quote: "Ada · person", resolvedBy: null });
    expect(thread(ann).comments[1]).toMatchObject({ author: BEN, on: "annotation-1" });
    expect(ann.discussion.counts.value.get("annotation-1")).toBe(2);
    ben.discussion.resolve(thread(ben), true);
    await until(() => thread(ann).resolvedBy === BEN);
    expect(ann.discussion.counts.value.size).toBe(0);
    ann.discussion.resolve(thread(ann), false);
    await until(() => thread(ben).resolvedBy === null);
  });

  it("stay when their first comment goes, and keep what it spoke of", async () => {
    const id = ann.discussion.add({ ...about, body: "One.", on: "annotation-1" });
    await until(() => ben.discussion.threads.value.length === 1);
    ben.discussion.reply(thread(ben), "Two.", []);
    await until(() => bodies(ann)[0]?.length === 2);
    ann.discussion.remove(id);
    await until(() => bodies(ben)[0]?.length === 1);
    expect(thread(ben)).toMatchObject({ id, first: null, on: "annotation-1" });
  });

  it("take an answer to an answer as one of the same thread, and are not led in circles", async () => {
    const said = { on: null, author: ANN, created: "2026-01-01T00:00:00.000Z" };
    server.write((doc) => {
      const comments = doc.getMap("comments");
      comments.set("comment-1", { ...said, body: "1" });
      comments.set("comment-2", { ...said, body: "2", reply_to: "comment-1" });
      comments.set("comment-3", { ...said, body: "3", reply_to: "comment-2" });
      comments.set("comment-4", { ...said, body: "4", reply_to: "comment-5" });
      comments.set("comment-5", { ...said, body: "5", reply_to: "comment-4" });
    });
    await until(() => ann.discussion.total.value === 5);
    expect(bodies(ann)[0]).toEqual(["1", "2", "3"]);
  });
});

describe("my own comments", () => {
  it("can be changed, taken back, and made again by redo, and nobody else's with them", async () => {
    const id = ann.discussion.add({ ...about, body: "Hm." });
    await until(() => ben.discussion.threads.value.length === 1);
    ben.discussion.reply(thread(ben), "What?", []);
    await until(() => bodies(ann)[0]?.length === 2);
    ann.discussion.change(id, "Hmm.", [BEN]);
    expect(ann.discussion.get(id)).toMatchObject({ body: "Hmm.", mentions: [BEN] });
    expect(ann.undo.undo()).toBe("edit comment");
    expect(ann.undo.undo()).toBe("comment");
    await until(() => bodies(ben)[0]?.length === 1);
    expect(bodies(ann)).toEqual([["What?"]]);
    ann.undo.redo();
    await until(() => bodies(ben)[0]?.length === 2);
    await isSaved(ann);
  });

  it("are made again when another edit of mine is refused", async () => {
    server.refuses = (before, after) => (after.getMap("labels").size > before.getMap("labels").size ? { code: "no", sentence: "No.", annotation: "annotation-9" } : null);
    server.slow = true;
    ann.connection.doc.value.transact(() => ann.connection.doc.value.getMap("labels").set("annotation-9", { label: "x", by: ANN, at: "" }));
    ann.discussion.add({ ...about, body: "Still here." });
    server.slow = false;
    server.commit();
    await until(() => ann.connection.refused.value.length > 0);
    await until(() => bodies(ben)[0]?.[0] === "Still here.");
    await isSaved(ann);
    expect(bodies(ann)).toEqual([["Still here."]]);
  });
});

describe("what is unread", () => {
  it("is what the server says, and what others write from now on", async () => {
    const old = ben.discussion.add({ ...about, body: "Old." });
    await until(() => ann.discussion.total.value === 1);
    expect(ann.discussion.unread.value.size).toBe(0);
    ann.discussion.listen();
    ann.discussion.begin([old, "gone-since"]);
    expect([...ann.discussion.unread.value]).toEqual([old]);
    ann.discussion.add({ ...about, body: "Mine." });
    const fresh = ben.discussion.add({ ...about, body: "New." });
    await until(() => ann.discussion.unread.value.size === 2);
    ann.discussion.read([old]);
    expect([...ann.discussion.unread.value]).toEqual([fresh]);
    ben.discussion.remove(fresh);
    await until(() => ann.discussion.unread.value.size === 0);
  });

  it("is also what came while this window was away", async () => {
    ann.discussion.listen();
    server.cut();
    ben.discussion.add({ ...about, body: "While you were away." });
    await until(() => ann.discussion.unread.value.size === 1);
  });
});
