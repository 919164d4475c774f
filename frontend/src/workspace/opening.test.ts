/** A document is on the screen as soon as the server sends it, while the browser's storage takes its time to open. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { forgetEverything } from "../../../static/js/local_data.js";
import { DocumentServer } from "../../tests/document_server";
import { type HeldStorage, holdStorage, keepHints } from "../../tests/kept";
import { isSaved, leaveAll, openTab, type Tab, until } from "../../tests/open";
import type { ServerEvent } from "./connection_state";
import { TIMES } from "./line";
import { mayBeKept, nameOf, WAITS } from "./offline";

const SPAN = { start: 0, end: 3 };
const ANN = 1;
const NAME = nameOf(ANN, 1, 1);

let server: DocumentServer;
let storage: HeldStorage | null = null;
let forgetHints: () => void;
const times = { ...TIMES };
const waits = { ...WAITS };

beforeEach(async () => {
  Object.assign(TIMES, { firstRetry: 10, longestRetry: 40 });
  forgetHints = keepHints();
  server = await DocumentServer.start();
  server.write((doc) => void doc.getMap("annotations").set("there-already", statement("person")));
});

afterEach(async () => {
  Object.assign(TIMES, times);
  Object.assign(WAITS, waits);
  storage?.release();
  storage = null;
  await leaveAll();
  await server.stop();
  await forgetEverything();
  forgetHints();
});

describe("while the storage is not open yet", () => {
  it("shows the document, and does not call it saved", async () => {
    const ann = await shownEarly();
    expect(ann.connection.state.value.name).toBe("connecting");
    storage?.release();
    await isSaved(ann);
  });

  it("keeps what is edited, and sends it when the storage is open", async () => {
    const ann = await shownEarly();
    const id = ann.document.add("entities", "person", SPAN);
    expect(ann.connection.unsaved.value).toBe(1);
    storage?.release();
    await isSaved(ann);
    expect(server.doc.getMap("annotations").has(id)).toBe(true);
  });

  it("keeps what was edited by somebody who leaves before it is open, and sends it the next time", async () => {
    const ann = await shownEarly();
    const id = ann.document.add("entities", "person", SPAN);
    const left = ann.leave();
    storage?.release();
    await left;
    const again = openTab(server.address(ANN), ANN);
    await isSaved(again);
    expect(server.doc.getMap("annotations").has(id)).toBe(true);
    expect(again.document.get(id)).toBeDefined();
  });

  it("does not send back to the server what others did meanwhile", async () => {
    const ann = await shownEarly();
    server.write((doc) => void doc.getMap("annotations").set("said-meanwhile", statement("place")));
    await until(() => ann.document.get("said-meanwhile") !== undefined);
    storage?.release();
    await until(() => ann.connection.state.value.name === "synced");
    server.write((doc) => void doc.getMap("annotations").set("and-later", statement("place")));
    await until(() => ann.document.get("and-later") !== undefined);
    expect(server.sizes).toEqual([]);
  });

  it("survives a line that breaks", async () => {
    const ann = await shownEarly();
    const id = ann.document.add("entities", "person", SPAN);
    server.cut();
    await until(() => server.addresses.length === 2);
    storage?.release();
    await isSaved(ann);
    expect(server.doc.getMap("annotations").has(id)).toBe(true);
  });
});

describe("when it opens too late", () => {
  it("works without, and holds up nobody who logs out", async () => {
    WAITS.opening = 20;
    const ann = await shownEarly();
    const id = ann.document.add("entities", "person", SPAN);
    await isSaved(ann);
    expect(server.doc.getMap("annotations").has(id)).toBe(true);
    storage?.release();
    await forgetEverything();
    expect(await indexedDB.databases()).toEqual([]);
  });
});

describe("when it is open", () => {
  it("keeps what came before, for the next time", async () => {
    const ann = await shownEarly();
    storage?.release();
    await isSaved(ann);
    await ann.leave();
    expect(mayBeKept(NAME)).toBe(true);
    const { port } = server;
    const address = server.address(ANN);
    await server.stop();
    const again = openTab(address, ANN);
    await until(() => again.document.get("there-already") !== undefined);
    await server.startAgain(port);
  });

  it("asks only for what was not kept", async () => {
    const ann = await shownEarly();
    storage?.release();
    await isSaved(ann);
    await ann.leave();
    storage = await holdStorage(NAME);
    const again = openTab(server.address(ANN), ANN);
    await until(() => server.addresses.length === 2 && again.connection.rights.value !== null);
    expect(again.connection.ready.value).toBe(false);
    storage.release();
    await isSaved(again);
    expect(again.document.get("there-already")).toBeDefined();
  });

  it("forgets at logout that anything was kept", async () => {
    const ann = await shownEarly();
    storage?.release();
    await isSaved(ann);
    await ann.leave();
    await forgetEverything();
    expect(mayBeKept(NAME)).toBe(false);
  });
});

describe("events", () => {
  it("that came before anybody listened are told when somebody does", async () => {
    const ann = openTab(server.address(ANN), ANN);
    await isSaved(ann);
    server.event({ type: "project", revision: 7 });
    server.write((doc) => void doc.getMap("annotations").set("after-the-event", statement("place")));
    await until(() => ann.document.get("after-the-event") !== undefined);
    const told: ServerEvent[] = [];
    ann.connection.onEvent((event) => told.push(event));
    expect(told).toEqual([]);
    await until(() => told.length === 1);
    server.event({ type: "project", revision: 8 });
    await until(() => told.length === 2);
    expect(told).toEqual([{ type: "project", revision: 7 }, { type: "project", revision: 8 }]);
  });
});

async function shownEarly(): Promise<Tab> {
  storage = await holdStorage(NAME);
  const tab = openTab(server.address(ANN), ANN);
  await until(() => tab.document.get("there-already") !== undefined, "the document is shown");
  return tab;
}

function statement(label: string): Record<string, unknown> {
  return { kind: "span", field: "entities", label, value: SPAN, author: null, origin: "import", created: "2026-11-21T00:00:00.000Z" };
}
