/** Who did what a document does not say: told between two tabs by the server. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { forgetEverything } from "../../../static/js/local_data.js";
import { DocumentServer } from "../../tests/document_server";
import { isSaved, leaveAll, openTab, type Tab, until } from "../../tests/open";
import { Activity, sentenceOf } from "./app_activity";
import { Removals } from "./removals";

const ANN = 1;
const BEN = 2;
const SPAN = { start: 0, end: 3 };
const NAMES = { wording: () => "Ada", labelOf: (mark: { label: string | null }) => ({ name: mark.label ?? "" }), nameOf: (user: number | null) => `user-${user}` };

let server: DocumentServer;
let ann: Tab;
let ben: Tab;
let activity: Activity;

beforeEach(async () => {
  server = await DocumentServer.start();
  [ann, ben] = [await synced(ANN), await synced(BEN)];
  activity = new Activity(ben.document, NAMES, ben.authors);
  activity.begin();
});

afterEach(async () => {
  activity.stop();
  await leaveAll();
  await server.stop();
  await forgetEverything();
});

async function synced(user: number): Promise<Tab> {
  const tab = openTab(server.address(user), user);
  await isSaved(tab);
  return tab;
}

async function untilTold(sentence: string): Promise<void> {
  await until(() => activity.last.value !== null && sentenceOf(activity.last.value) === sentence, sentence);
}

describe("a colleague's deed", () => {
  it("is told with the name of who deleted, not of who had said it", async () => {
    const id = ben.document.add("entities", "person", SPAN);
    await until(() => ann.document.get(id) !== undefined);
    ann.document.remove(id);
    await untilTold("user-1 deleted Ada · person");
  });

  it("is told with the name of who relabelled, there and back", async () => {
    const id = ben.document.add("entities", "person", SPAN);
    await until(() => ann.document.get(id) !== undefined);
    ann.document.relabel(id, "place");
    await untilTold("user-1 relabelled Ada · place");
    ann.document.relabel(id, "person");
    await untilTold("user-1 relabelled Ada · person");
  });

  it("names nobody for what was done while this window was away", async () => {
    const id = ben.document.add("entities", "person", SPAN);
    await until(() => ann.document.get(id) !== undefined);
    server.write((doc) => {
      doc.getMap("annotations").delete(id);
    });
    await untilTold("Somebody deleted Ada · person");
  });
});

describe("removals", () => {
  it("know the last who took a key away, and forget the oldest of very many", () => {
    const removals = new Removals();
    removals.hear({ type: "removed", by: ANN, keys: { annotations: ["a"] } });
    removals.hear({ type: "removed", by: BEN, keys: { annotations: ["a"], labels: ["b"] } });
    expect([removals.by("annotations", "a"), removals.by("labels", "b"), removals.by("labels", "a")]).toEqual([BEN, BEN, null]);
    for (let n = 0; n < 2_000; n += 1) removals.hear({ type: "removed", by: ANN, keys: { annotations: [`n${n}`] } });
    expect([removals.by("annotations", "a"), removals.by("annotations", "n1999")]).toEqual([null, ANN]);
  });
});
