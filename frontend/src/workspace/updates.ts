/** Updates, read faster than Yjs reads them by itself: a large document is thousands of short strings, most of them repeated. */

import * as decoding from "lib0/decoding";
import * as Y from "yjs";

/** Bytes. Longer strings are the browser's own decoder's: a call of it costs more than reading a short one here. */
const SHORT = 64;
/** Strings remembered, so that a repeated one is not made again; a power of two. */
const REMEMBERED = 1024;
const remembered = new Array<string>(REMEMBERED).fill("");

/** lib0's tags of plain values; what is rare is left to lib0. */
const STRING = 119;
const OBJECT = 118;

/** Apply an update of the server or of this browser. */
export function applyUpdate(doc: Y.Doc, update: Uint8Array, origin: unknown): void {
  Y.applyUpdateV2(doc, update, origin, Decoder);
}

/** Whether this transaction changed the document at all. */
export function hasContent({ beforeState, afterState, deleteSet }: Y.Transaction): boolean {
  return deleteSet.clients.size > 0 || [...afterState].some(([client, clock]) => beforeState.get(client) !== clock);
}

/** Whether `doc` holds something that is not under this state vector. */
export function isAhead(doc: Y.Doc, stateVector: Uint8Array): boolean {
  const known = Y.decodeStateVector(stateVector);
  return [...Y.decodeStateVector(Y.encodeStateVector(doc))].some(([client, clock]) => clock > (known.get(client) ?? 0));
}

/** The state vector that the server sent, raised by what came from it since: all in `doc` but what was edited here. */
export function knownToServer(stateVector: Uint8Array, doc: Y.Doc): Uint8Array {
  const known = Y.decodeStateVector(stateVector);
  for (const [client, clock] of Y.decodeStateVector(Y.encodeStateVector(doc))) {
    if (client !== doc.clientID) known.set(client, Math.max(clock, known.get(client) ?? 0));
  }
  return Y.encodeStateVector(known);
}

class Decoder extends Y.UpdateDecoderV1 {
  override readString(): string {
    return readString(this.restDecoder);
  }

  override readKey(): string {
    return readString(this.restDecoder);
  }

  override readAny(): unknown {
    return readAny(this.restDecoder);
  }
}

function readAny(decoder: decoding.Decoder): unknown {
  const tag = decoder.arr[decoder.pos];
  if (tag === STRING) {
    decoder.pos += 1;
    return readString(decoder);
  }
  if (tag !== OBJECT) return decoding.readAny(decoder);
  decoder.pos += 1;
  const found: Record<string, unknown> = {};
  for (let left = decoding.readVarUint(decoder); left > 0; left -= 1) {
    const key = readString(decoder);
    found[key] = readAny(decoder);
  }
  return found;
}

function readString(decoder: decoding.Decoder): string {
  const start = decoder.pos;
  const length = decoding.readVarUint(decoder);
  const from = decoder.pos;
  const to = from + length;
  const text = length <= SHORT && to <= decoder.arr.length ? readShort(decoder.arr, from, to) : null;
  if (text === null) {
    decoder.pos = start;
    return decoding.readVarString(decoder);
  }
  decoder.pos = to;
  return text;
}

/** Null where it is not plain ASCII. */
function readShort(bytes: Uint8Array, from: number, to: number): string | null {
  let hash = 0;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] as number;
    if (byte > 127) return null;
    hash = (hash * 31 + byte) | 0;
  }
  const place = hash & (REMEMBERED - 1);
  const before = remembered[place] as string;
  if (isSame(before, bytes, from, to)) return before;
  const text = String.fromCharCode.apply(null, bytes.subarray(from, to) as unknown as number[]);
  remembered[place] = text;
  return text;
}

function isSame(text: string, bytes: Uint8Array, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) !== bytes[from + at]) return false;
  }
  return true;
}
