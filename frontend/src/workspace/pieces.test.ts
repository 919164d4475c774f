import { describe, expect, it } from "vitest";
import * as Y from "yjs";

import { inMessages, inPieces } from "./pieces";

const MOST = 2_000;

describe("inPieces", () => {
  it("leaves a short update as it is", () => {
    const update = Y.encodeStateAsUpdate(docWith((doc) => doc.getMap("annotations").set("a", { label: "x" })));
    expect(inPieces(update, MOST)).toEqual([update]);
  });

  it("gives pieces that are short, and each applicable when those before it are", () => {
    arrivesPieceByPiece(docWith((doc) => addMany(doc, 0, 300)), MOST);
  });

  it("cuts a long text without cutting a character", () => {
    const doc = docWith((doc) => doc.getText("text/note").insert(0, "x" + "👍é".repeat(3_000)));
    for (const most of [500, 501, 502, 503, MOST]) arrivesPieceByPiece(doc, most);
  });

  it("keeps what builds on another client's work behind it", () => {
    const ann = docWith((doc) => addMany(doc, 0, 100), 999);
    const ben = docWith((doc) => {
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(ann));
      for (let at = 0; at < 100; at += 2) doc.getMap("annotations").set(idOf(at), { by: "ben", at });
      doc.getText("text/note").insert(0, "from ben ".repeat(100));
    }, 5);
    Y.applyUpdate(ann, Y.encodeStateAsUpdate(ben));
    ann.transact(() => {
      for (let at = 0; at < 100; at += 3) ann.getMap("annotations").set(idOf(at), { by: "ann again", at });
      ann.getText("text/note").insert(9, "and ann ");
    });
    arrivesPieceByPiece(ann, MOST);
  });

  it("brings deletes when all that they speak of is there", () => {
    const doc = docWith((doc) => addMany(doc, 0, 300));
    for (let at = 0; at < 300; at += 2) doc.getMap("annotations").delete(idOf(at));
    doc.getText("text/note").insert(0, "abc".repeat(2_000));
    doc.getText("text/note").delete(100, 3_000);
    arrivesPieceByPiece(doc, MOST);
  });

  it("sends a difference to a server that has the rest", () => {
    const doc = docWith((doc) => addMany(doc, 0, 50));
    const server = new Y.Doc();
    Y.applyUpdate(server, Y.encodeStateAsUpdate(doc));
    addMany(doc, 50, 300);
    for (let at = 0; at < 300; at += 2) doc.getMap("annotations").delete(idOf(at));
    const update = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(server));
    for (const piece of inPieces(update, MOST)) applyWithoutGap(server, piece);
    expect(everything(server)).toEqual(everything(doc));
  });
});

describe("inMessages", () => {
  it("merges what fits and cuts what does not", () => {
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on("update", (update: Uint8Array) => updates.push(update));
    for (let at = 0; at < 100; at += 1) doc.getMap("annotations").set(idOf(at), { at });
    doc.getText("text/note").insert(0, "long ".repeat(2_000));
    const messages = inMessages(updates, MOST);
    expect(messages.length).toBeLessThan(20);
    const server = new Y.Doc();
    for (const message of messages) {
      expect(message.byteLength).toBeLessThanOrEqual(MOST);
      applyWithoutGap(server, message);
    }
    expect(everything(server)).toEqual(everything(doc));
  });
});

function arrivesPieceByPiece(doc: Y.Doc, most: number): void {
  const pieces = inPieces(Y.encodeStateAsUpdate(doc), most);
  expect(pieces.length).toBeGreaterThan(1);
  const server = new Y.Doc();
  for (const piece of pieces) {
    expect(piece.byteLength).toBeLessThanOrEqual(most);
    applyWithoutGap(server, piece);
  }
  expect(everything(server)).toEqual(everything(doc));
  expect(Y.encodeStateVector(server)).toEqual(Y.encodeStateVector(doc));
}

function applyWithoutGap(doc: Y.Doc, update: Uint8Array): void {
  Y.applyUpdate(doc, update);
  expect([doc.store.pendingStructs, doc.store.pendingDs]).toEqual([null, null]);
}

function everything(doc: Y.Doc): unknown {
  return [doc.getMap("annotations").toJSON(), doc.getText("text/note").toJSON()];
}

function docWith(write: (doc: Y.Doc) => void, client?: number): Y.Doc {
  const doc = new Y.Doc();
  if (client !== undefined) doc.clientID = client;
  write(doc);
  return doc;
}

function addMany(doc: Y.Doc, from: number, to: number): void {
  doc.transact(() => {
    for (let at = from; at < to; at += 1) doc.getMap("annotations").set(idOf(at), { label: "person", at });
  });
}

function idOf(at: number): string {
  return `annotation-${at}`;
}
