/** Yjs updates cut into pieces that the server takes, each applicable when those before it are. Knows the v1 format.

A piece is an update of its own, checked, committed and shown by itself: what was done in one transaction may be cut. So
colleagues may see a part of long work before the rest of it, and a refusal concerns the piece that it speaks of. What is
not acknowledged stays unsaved and is sent again: a part is late, and never lost.
*/

import * as encoding from "lib0/encoding";
import * as Y from "yjs";

import { mayCutAt } from "./offsets";

type Struct = Y.Item | Y.GC;

interface DeletedRange {
  readonly client: number;
  readonly clock: number;
  readonly length: number;
}

/** Room for the head of an update and of each client's part in it. */
const HEAD_BYTES = 64;

/** `update` in pieces of at most `most` bytes; itself where it is short enough. */
export function inPieces(update: Uint8Array, most: number): Uint8Array[] {
  if (update.byteLength <= most) return [update];
  const { structs, ds } = Y.decodeUpdate(update);
  const written = structs.filter((struct): struct is Struct => !(struct instanceof Y.Skip));
  const cut = written.flatMap((struct) => cutString(struct, most - 2 * HEAD_BYTES));
  return [...structPieces(inCausalOrder(cut), most), ...deletePieces(rangesOf(ds), most)];
}

/** `updates` merged into as few messages of at most `most` bytes as their order allows. */
export function inMessages(updates: readonly Uint8Array[], most: number): Uint8Array[] {
  const messages: Uint8Array[] = [];
  let batch: Uint8Array[] = [];
  let bytes = 0;
  const close = (): void => {
    if (batch.length) messages.push(batch.length === 1 ? (batch[0] as Uint8Array) : Y.mergeUpdates(batch));
    batch = [];
    bytes = 0;
  };
  for (const update of updates) {
    if (bytes + update.byteLength > most) close();
    batch.push(update);
    bytes += update.byteLength;
  }
  close();
  return messages.flatMap((message) => inPieces(message, most));
}

/** A long run of typed text as several structs: each continues the one before. */
function cutString(struct: Struct, most: number): Struct[] {
  const units = Math.floor(most / 3); // a UTF-16 unit takes at most 3 bytes
  const parts: Struct[] = [];
  let rest = struct;
  while (rest instanceof Y.Item && rest.content instanceof Y.ContentString && rest.length > units) {
    const [first, second] = splitAt(rest, rest.content, units);
    parts.push(first);
    rest = second;
  }
  return [...parts, rest];
}

function splitAt(item: Y.Item, content: Y.ContentString, units: number): [Y.Item, Y.Item] {
  const at = mayCutAt(content.str, units) ? units : units - 1;
  const { client, clock } = item.id;
  const part = (id: Y.ID, origin: Y.ID | null, text: string): Y.Item =>
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- every content extends it, by prototype
    new Y.Item(id, null, origin, null, item.rightOrigin, item.parent, item.parentSub, new Y.ContentString(text));
  const first = part(item.id, item.origin, content.str.slice(0, at));
  const second = part(Y.createID(client, clock + at), Y.createID(client, clock + at - 1), content.str.slice(at));
  return [first, second];
}

/** Each struct behind those that it builds on; what is not among them is known to the other side. */
function inCausalOrder(structs: readonly Struct[]): Struct[] {
  const queues = new Map<number, Struct[]>();
  for (const struct of structs) {
    const queue = queues.get(struct.id.client);
    if (queue) queue.push(struct);
    else queues.set(struct.id.client, [struct]);
  }
  const next = new Map<number, number>();
  const waits = (id: Y.ID | null): boolean => {
    const head = id && queues.get(id.client)?.[next.get(id.client) ?? 0];
    return !!head && head.id.clock <= id.clock;
  };
  const ordered: Struct[] = [];
  const takeFrom = (client: number, queue: readonly Struct[]): void => {
    let at = next.get(client) ?? 0;
    for (let head = queue[at]; head && !buildsOn(head).some(waits); head = queue[at]) {
      ordered.push(head);
      next.set(client, ++at);
    }
  };
  for (let before = -1; before < ordered.length;) {
    before = ordered.length;
    for (const [client, queue] of queues) takeFrom(client, queue);
  }
  return ordered;
}

function buildsOn(struct: Struct): (Y.ID | null)[] {
  if (!(struct instanceof Y.Item)) return [];
  return [struct.origin, struct.rightOrigin, struct.parent instanceof Y.ID ? struct.parent : null];
}

/** Structs in order, as updates: in one update, a client's structs must follow each other without a hole. */
function structPieces(structs: readonly Struct[], most: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let piece = new Map<number, { clock: number; end: number; parts: Uint8Array[] }>();
  let bytes = HEAD_BYTES;
  const close = (): void => {
    if (piece.size) pieces.push(encodePiece(piece));
    piece = new Map();
    bytes = HEAD_BYTES;
  };
  for (const struct of structs) {
    const part = encodeStruct(struct);
    const { client, clock } = struct.id;
    const run = piece.get(client);
    if (bytes + part.byteLength + HEAD_BYTES > most || (run && run.end !== clock)) close();
    const open = piece.get(client) ?? { clock, end: clock, parts: [] };
    if (!open.parts.length) bytes += HEAD_BYTES;
    open.parts.push(part);
    open.end = clock + struct.length;
    piece.set(client, open);
    bytes += part.byteLength;
  }
  close();
  return pieces;
}

function encodeStruct(struct: Struct): Uint8Array {
  const encoder = new Y.UpdateEncoderV1();
  struct.write(encoder, 0);
  return encoding.toUint8Array(encoder.restEncoder);
}

function encodePiece(piece: ReadonlyMap<number, { clock: number; parts: readonly Uint8Array[] }>): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, piece.size);
  for (const [client, { clock, parts }] of piece) {
    encoding.writeVarUint(encoder, parts.length);
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, clock);
    for (const part of parts) encoding.writeUint8Array(encoder, part);
  }
  encoding.writeVarUint(encoder, 0); // deletes nothing
  return encoding.toUint8Array(encoder);
}

function rangesOf(deletes: ReturnType<typeof Y.decodeUpdate>["ds"]): DeletedRange[] {
  return [...deletes.clients].flatMap(([client, items]) => items.map((item) => ({ client, clock: item.clock, length: item.len })));
}

/** Deletes come last, when all that they speak of is there. A range takes at most 24 bytes. */
function deletePieces(ranges: readonly DeletedRange[], most: number): Uint8Array[] {
  const many = Math.max(1, Math.floor((most - HEAD_BYTES) / 24));
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < ranges.length; at += many) pieces.push(encodeDeletes(ranges.slice(at, at + many)));
  return pieces;
}

function encodeDeletes(ranges: readonly DeletedRange[]): Uint8Array {
  const byClient = new Map<number, DeletedRange[]>();
  for (const range of ranges) {
    const own = byClient.get(range.client);
    if (own) own.push(range);
    else byClient.set(range.client, [range]);
  }
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0); // writes nothing
  encoding.writeVarUint(encoder, byClient.size);
  for (const [client, own] of byClient) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, own.length);
    for (const { clock, length } of own) {
      encoding.writeVarUint(encoder, clock);
      encoding.writeVarUint(encoder, length);
    }
  }
  return encoding.toUint8Array(encoder);
}
