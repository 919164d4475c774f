/** A server of one document on real WebSockets and real Yjs, as the wire asks for: what tests need to slow down, refuse or cut. */

import type { AddressInfo } from "node:net";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import * as encoding from "lib0/encoding";
import * as decoding from "lib0/decoding";
import * as Y from "yjs";

interface Session {
  readonly socket: WebSocket;
  readonly user: { id: number; name: string; colour: string };
  received: number;
  refused: boolean;
  awareness: { client: number; clock: number; state: string } | null;
}

export interface Refusing {
  readonly code: string;
  readonly sentence: string;
  readonly annotation: string | null;
}

const SYNC = 0;
const AWARENESS = 1;
const QUERY = 3;
export const MOST_UPDATE_BYTES = 65_536;
export const MOST_SYNC_BYTES = 1_048_576;

export class DocumentServer {
  doc = new Y.Doc();
  epoch = 1;
  mayWrite = true;
  /** Says no to what an update makes of the document. */
  refuses: (before: Y.Doc, after: Y.Doc) => Refusing | null = () => null;
  /** While true, commits wait: nothing is acknowledged or shown. */
  slow = false;
  /** While true, no ping is answered and nothing is read, though the line stands. */
  deaf = false;
  readonly sizes: number[] = [];
  readonly awarenessMessages: number[] = [];
  readonly addresses: string[] = [];
  private readonly sessions = new Set<Session>();
  private readonly held: (() => void)[] = [];

  private constructor(private server: WebSocketServer) {
    this.listen();
  }

  static async start(port = 0): Promise<DocumentServer> {
    return new DocumentServer(await listening(port));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get people(): number {
    return this.sessions.size;
  }

  address(user: number): string {
    return `ws://127.0.0.1:${this.port}/as/${user}/`;
  }

  /** Commit what waits. */
  commit(): void {
    for (const deed of this.held.splice(0)) deed();
  }

  /** The server's own edit (a model, REST), shown to all. */
  write(change: (doc: Y.Doc) => void): void {
    const before = Y.encodeStateVector(this.doc);
    this.doc.transact(() => change(this.doc));
    const update = Y.encodeStateAsUpdate(this.doc, before);
    for (const session of this.sessions) session.socket.send(syncMessage(2, update));
  }

  event(event: object): void {
    for (const session of this.sessions) session.socket.send(JSON.stringify(event));
  }

  /** Ask all for everything, as after a gap. */
  resync(): void {
    this.event({ type: "resync" });
    for (const { socket } of this.sessions) socket.send(syncMessage(0, Y.encodeStateVector(this.doc)));
  }

  /** Cut every line, as a network does, or with a close code. */
  cut(code?: number): void {
    for (const { socket } of this.sessions) {
      if (code) socket.close(code);
      else socket.terminate();
    }
    this.sessions.clear();
    this.held.length = 0;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((stopped) => this.server.close(stopped));
  }

  async startAgain(port: number): Promise<void> {
    this.server = await listening(port);
    this.listen();
  }

  private listen(): void {
    this.server.on("connection", (socket, request) => {
      this.addresses.push(request.url ?? "");
      const id = Number(/\/as\/(\d+)\//.exec(request.url ?? "")?.[1]);
      const epoch = Number(/epoch=(\d+)/.exec(request.url ?? "")?.[1] ?? this.epoch);
      if (epoch !== this.epoch) return socket.close(4409);
      const session: Session = { socket, user: { id, name: `user-${id}`, colour: "#3557e0" }, received: 0, refused: false, awareness: null };
      this.join(session);
    });
  }

  private join(session: Session): void {
    const { socket, user } = session;
    this.sessions.add(session);
    const limits = { update: MOST_UPDATE_BYTES, sync: MOST_SYNC_BYTES };
    const role = this.mayWrite ? "annotator" : "viewer";
    socket.send(JSON.stringify({ type: "hello", document: 1, task: 1, epoch: this.epoch, user, role, may_write: this.mayWrite, limits, revision: 1 }));
    socket.send(syncMessage(0, Y.encodeStateVector(this.doc)));
    this.sendStates(session);
    socket.on("message", (data: RawData, isBinary) => {
      if (this.deaf || !this.sessions.has(session)) return;
      if (isBinary) this.hear(session, new Uint8Array(data as Buffer));
      else this.hearText(session, JSON.parse((data as Buffer).toString()) as { type: string; t: number });
    });
    socket.on("close", () => this.leave(session));
  }

  private leave(session: Session): void {
    this.sessions.delete(session);
    const gone = session.awareness;
    if (gone) this.tellOthers(session, awarenessMessage([{ ...gone, clock: gone.clock + 1, state: "null" }]));
  }

  private hearText(session: Session, message: { type: string; t: number }): void {
    if (message.type === "ping") session.socket.send(JSON.stringify({ type: "pong", t: message.t }));
  }

  private hear(session: Session, bytes: Uint8Array): void {
    const decoder = decoding.createDecoder(bytes);
    const type = decoding.readVarUint(decoder);
    if (type === AWARENESS) return this.hearAwareness(session, decoding.readVarUint8Array(decoder));
    if (type === QUERY) return this.sendStates(session);
    const step = decoding.readVarUint(decoder);
    const body = decoding.readVarUint8Array(decoder);
    if (step === 0) {
      const answer = syncMessage(1, Y.encodeStateAsUpdate(this.doc, body));
      return session.socket.send(answer);
    }
    session.received += 1;
    this.sizes.push(body.byteLength);
    if (body.byteLength > (step === 1 ? MOST_SYNC_BYTES : MOST_UPDATE_BYTES)) return session.socket.close(4413);
    if (!session.refused) this.take(session, body, session.received);
  }

  private take(session: Session, update: Uint8Array, number: number): void {
    const after = new Y.Doc();
    Y.applyUpdate(after, Y.encodeStateAsUpdate(this.doc));
    Y.applyUpdate(after, update);
    if (after.store.pendingStructs || after.store.pendingDs) {
      session.socket.send(JSON.stringify({ type: "resync" }));
      return session.socket.send(syncMessage(0, Y.encodeStateVector(this.doc)));
    }
    const refusing = this.refuses(this.doc, after);
    if (refusing) {
      session.refused = true;
      return session.socket.send(JSON.stringify({ type: "refused", number, ...refusing }));
    }
    const gone = goneFrom(this.doc, after);
    Y.applyUpdate(this.doc, update);
    const commit = (): void => {
      session.socket.send(JSON.stringify({ type: "saved", upto: number, seq: 1 }));
      if (gone) this.tellOthers(session, JSON.stringify({ type: "removed", by: session.user.id, keys: gone }));
      this.tellOthers(session, syncMessage(2, update));
    };
    if (this.slow) this.held.push(commit);
    else commit();
  }

  private hearAwareness(session: Session, bytes: Uint8Array): void {
    const decoder = decoding.createDecoder(bytes);
    this.awarenessMessages.push(performance.now());
    for (let count = decoding.readVarUint(decoder); count > 0; count -= 1) {
      const client = decoding.readVarUint(decoder);
      const clock = decoding.readVarUint(decoder);
      const state = JSON.parse(decoding.readVarString(decoder)) as object | null;
      if (session.awareness && session.awareness.client !== client) continue;
      session.awareness = { client, clock, state: JSON.stringify(state && { ...state, user: session.user }) };
      this.tellOthers(session, awarenessMessage([session.awareness]));
    }
  }

  private sendStates(session: Session): void {
    const states = [...this.sessions].map((each) => each.awareness).filter((state) => state !== null);
    if (states.length) session.socket.send(awarenessMessage(states));
  }

  private tellOthers(author: Session, message: Uint8Array | string): void {
    for (const session of this.sessions) if (session !== author) session.socket.send(message);
  }
}

/** The keys that an update takes away, by root. */
function goneFrom(before: Y.Doc, after: Y.Doc): Record<string, string[]> | null {
  const gone = ["annotations", "labels", "values"].map((root): [string, string[]] => [root, [...before.getMap(root).keys()].filter((key) => !after.getMap(root).has(key))]);
  const some = gone.filter(([, keys]) => keys.length);
  return some.length ? Object.fromEntries(some) : null;
}

async function listening(port: number): Promise<WebSocketServer> {
  const server = new WebSocketServer({ port, host: "127.0.0.1", handleProtocols: () => "colabel.v1" });
  await new Promise((started) => server.once("listening", started));
  return server;
}

function syncMessage(step: number, body: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, SYNC);
  encoding.writeVarUint(encoder, step);
  encoding.writeVarUint8Array(encoder, body);
  return encoding.toUint8Array(encoder);
}

function awarenessMessage(states: readonly { client: number; clock: number; state: string }[]): Uint8Array {
  const inner = encoding.createEncoder();
  encoding.writeVarUint(inner, states.length);
  for (const { client, clock, state } of states) {
    encoding.writeVarUint(inner, client);
    encoding.writeVarUint(inner, clock);
    encoding.writeVarString(inner, state);
  }
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, AWARENESS);
  encoding.writeVarUint8Array(encoder, encoding.toUint8Array(inner));
  return encoding.toUint8Array(encoder);
}
