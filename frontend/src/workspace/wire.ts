/** The binary messages of a document's socket (y-protocols), as bytes. Knows no connection. */

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

const SYNC = 0;
const AWARENESS = 1;
const QUERY_AWARENESS = 3;

const STEP_1 = 0;
const STEP_2 = 1;
const UPDATE = 2;

export type Message =
  | { readonly type: "step1"; readonly stateVector: Uint8Array }
  | { readonly type: "step2"; readonly update: Uint8Array }
  | { readonly type: "update"; readonly update: Uint8Array }
  | { readonly type: "awareness"; readonly update: Uint8Array }
  | { readonly type: "query" }
  | { readonly type: "other" };

export function read(bytes: Uint8Array): Message {
  const decoder = decoding.createDecoder(bytes);
  switch (decoding.readVarUint(decoder)) {
    case SYNC:
      return readSync(decoding.readVarUint(decoder), decoding.readVarUint8Array(decoder));
    case AWARENESS:
      return { type: "awareness", update: decoding.readVarUint8Array(decoder) };
    case QUERY_AWARENESS:
      return { type: "query" };
    default:
      return { type: "other" };
  }
}

function readSync(step: number, bytes: Uint8Array): Message {
  if (step === STEP_1) return { type: "step1", stateVector: bytes };
  if (step === STEP_2) return { type: "step2", update: bytes };
  return step === UPDATE ? { type: "update", update: bytes } : { type: "other" };
}

export function step1(stateVector: Uint8Array): Uint8Array {
  return write(SYNC, STEP_1, stateVector);
}

export function step2(update: Uint8Array): Uint8Array {
  return write(SYNC, STEP_2, update);
}

export function update(bytes: Uint8Array): Uint8Array {
  return write(SYNC, UPDATE, bytes);
}

export function awareness(bytes: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, AWARENESS);
  encoding.writeVarUint8Array(encoder, bytes);
  return encoding.toUint8Array(encoder);
}

/** Asks for everybody's awareness state. */
export function queryAwareness(): Uint8Array {
  return Uint8Array.of(QUERY_AWARENESS);
}

function write(type: number, step: number, bytes: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, type);
  encoding.writeVarUint(encoder, step);
  encoding.writeVarUint8Array(encoder, bytes);
  return encoding.toUint8Array(encoder);
}
