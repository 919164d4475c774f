/** Updates read here say what Yjs reads in them. */

import { describe, expect, it } from "vitest";
import * as Y from "yjs";

import { applyUpdate, hasContent, isAhead, knownToServer } from "./updates";

const VALUES = [
  null, true, false, 0, -7, 2 ** 31, 2 ** 53, 1.5, -0.25, "", "person", "x".repeat(63), "y".repeat(64), "z".repeat(65), "w".repeat(12_000),
  "Zürich", "👍", "عربي", "a\u0000b", [], [1, "two", [3, { four: 4 }]], {}, { start: 3, end: 9 }, { "ключ": { nested: ["é", null] } }, new Uint8Array([1, 2, 3]),
];

function read(update: Uint8Array, apply: typeof applyUpdate): Y.Doc {
  const doc = new Y.Doc();
  apply(doc, update, "test");
  return doc;
}

function allOf(doc: Y.Doc): unknown {
  return [doc.getMap("annotations").toJSON(), doc.getArray("list").toJSON(), doc.getText("text/note").toDelta()];
}

function filled(): Y.Doc {
  const doc = new Y.Doc();
  for (let round = 0; round < 3; round += 1) {
    VALUES.forEach((value, at) => doc.getMap("annotations").set(`id-${round}-${at}-é`, value));
    VALUES.forEach((value, at) => doc.getMap("annotations").set(`${at}`, value));
  }
  doc.getArray("list").push(VALUES);
  doc.getText("text/note").insert(0, "one 👍 two", { bold: true });
  doc.getMap("annotations").delete("3");
  return doc;
}

describe("applyUpdate", () => {
  it("reads what Yjs reads, of every kind of value", () => {
    const update = Y.encodeStateAsUpdate(filled());
    const [ours, theirs] = [read(update, applyUpdate), read(update, Y.applyUpdate)];
    expect(allOf(ours)).toEqual(allOf(theirs));
    expect(Y.encodeStateAsUpdate(ours)).toEqual(Y.encodeStateAsUpdate(theirs));
  });

  it("tells apart strings that look alike", () => {
    const doc = new Y.Doc();
    // Many more than are remembered, so that they meet in the same places.
    for (let n = 0; n < 5_000; n += 1) doc.getMap("annotations").set(`key-${n}`, { value: `value-${n % 3_000}`, other: `eulav-${n % 7}` });
    expect(read(Y.encodeStateAsUpdate(doc), applyUpdate).getMap("annotations").toJSON()).toEqual(doc.getMap("annotations").toJSON());
  });

  it("does not read past the end of what came", () => {
    const update = Y.encodeStateAsUpdate(filled());
    for (const length of [1, 10, 40, 100, update.length - 3]) expect(() => read(update.slice(0, length), applyUpdate)).toThrow();
  });
});

describe("hasContent", () => {
  it("knows an update that brought nothing new", () => {
    const doc = new Y.Doc();
    const found: boolean[] = [];
    doc.on("afterTransactionCleanup", (transaction: Y.Transaction) => found.push(hasContent(transaction)));
    const update = Y.encodeStateAsUpdate(filled());
    for (let twice = 0; twice < 2; twice += 1) applyUpdate(doc, update, "test");
    const other = filled();
    other.getMap("annotations").delete("4");
    expect(found).toEqual([true, false]);
  });
});

describe("knownToServer", () => {
  it("counts what came from the server, not what was edited here", () => {
    const server = filled();
    const vector = Y.encodeStateVector(server);
    server.getMap("annotations").set("later", 1);
    const here = read(Y.encodeStateAsUpdate(server), applyUpdate);
    expect(isAhead(here, vector)).toBe(true);
    expect(isAhead(here, knownToServer(vector, here))).toBe(false);
    here.getMap("annotations").set("mine", 1);
    expect(isAhead(here, knownToServer(vector, here))).toBe(true);
  });
});
