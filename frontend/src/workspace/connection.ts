/** The document's way to the server and back: what is sent, what is saved, what was refused. Knows no annotations' meaning. */

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

import type { ConnectionState, Refusal, Rights, ServerEvent } from "./connection_state";
import { Ledger } from "./ledger";
import { Line } from "./line";
import type { Role } from "./model";
import { RefusedTray } from "./refused_tray";
import { KeptDocument, type Loaded, mayBeKept, nameOf } from "./offline";
import { inMessages, inPieces } from "./pieces";
import { copyOf, idsIn, makeAgain, unsavedEdits } from "./rebuild";
import { type RemovedEvent, Removals } from "./removals";
import { BY_HAND } from "./undo";
import { applyUpdate, hasContent, isAhead, knownToServer } from "./updates";
import { Whereabouts } from "./whereabouts";
import * as wire from "./wire";

/** The server takes updates of 64 kB, and answers to its SyncStep1 of 1 MiB: with room for their envelopes. */
const MOST_UPDATE_BYTES = 60_000;
const MOST_SYNC_BYTES = 900_000;
/** Edits in this time go as one message; the first goes at once. */
const BATCH_MS = 16;
/** So many refusals in a row, and nothing is tried again: all is kept for the person to see. */
const MOST_REFUSALS = 8;

const FROM_SERVER = Symbol("from the server");
const FROM_BROWSER = Symbol("kept in this browser");

export interface ConnectionOptions {
  /** The document's socket: a path on this site, or a whole address. */
  readonly address: string;
  readonly documentId: number;
  readonly epoch: number;
  readonly userId: number;
}

type Told = Readonly<Record<string, unknown>> & { readonly type: string };

export class Connection {
  readonly removals = new Removals();
  readonly state: ReadonlySignal<ConnectionState> = computed(() => this.readState());
  /** What is in the document is on the screen: loaded from this browser or from the server. */
  readonly ready = signal(false);
  /** How many of my edits are not committed on the server. 0 is what "Saved" means. */
  readonly unsaved: ReadonlySignal<number>;
  readonly latency: ReadonlySignal<number | null>;
  readonly rights = signal<Rights | null>(null);
  readonly refused: ReadonlySignal<readonly Refusal[]>;
  /** A closed tab loses nothing: what is unsaved or was refused is in this browser's storage. */
  readonly isKept: ReadonlySignal<boolean>;
  /** Another one after a refusal: observe it through this signal. */
  readonly doc: ReadonlySignal<Y.Doc>;
  readonly awareness: ReadonlySignal<Awareness> = computed(() => this.whereabouts.value.awareness);

  private readonly current = signal(new Y.Doc());
  private readonly whereabouts = signal(this.whereaboutsOf(this.current.peek()));
  private readonly ledger = new Ledger();
  private readonly line: Line;
  private readonly synced = signal(false);
  /** Of what this browser keeps of the document. */
  private readonly name: string;
  private readonly storage = signal<KeptDocument | null>(null);
  private readonly tray: RefusedTray;
  private loading: Promise<void> | null = null;
  private waiting: Uint8Array[] = [];
  private isFlushDue = false;
  private lastFlush = -BATCH_MS;
  /** The server's SyncStep1 was answered: what is edited from now on goes out by itself. */
  private answered = false;
  private mustAnswer = false;
  /** A document on its way to replace the current one, after a refusal. */
  private next: Y.Doc | null = null;
  private readonly notAgain = new Set<string>();
  private refusals = 0;
  private closing: Promise<void> | null = null;
  /** What this browser kept is loaded, or there is nothing. */
  private isLoaded = false;
  /** Everything that the server has was asked for, and came, on this socket. */
  private hasAsked = false;
  private hasAll = false;
  /** The server asked what it lacks, before that was known here. */
  private question: Uint8Array | null = null;
  /** Came before the browser's storage was open. */
  private unkept: Uint8Array[] = [];
  private readonly untold: ServerEvent[] = [];
  private tellEvent: (event: ServerEvent) => void = (event) => void this.untold.push(event);

  constructor({ address, userId, documentId, epoch }: ConnectionOptions) {
    this.name = nameOf(userId, documentId, epoch);
    this.tray = new RefusedTray(userId, documentId);
    this.refused = this.tray.refused;
    this.isKept = computed(() => this.tray.isKept.value && (!this.unsaved.value || this.storage.value?.isSafe.value === true));
    this.doc = this.current;
    this.unsaved = this.ledger.unsaved;
    this.line = new Line({
      address: () => `${address}?epoch=${epoch}`,
      protocol: "colabel.v1",
      onOpen: () => this.opened(),
      onBytes: (bytes) => this.hear(bytes),
      onEvent: (event) => this.told(event),
      onLost: () => this.lost(),
    });
    this.latency = this.line.latency;
    this.current.peek().on("afterTransactionCleanup", this.listenForMine);
  }

  /** Load what this browser kept, and connect meanwhile. */
  open(): void {
    this.line.open();
    this.loading = this.load();
  }

  /** Runs and project news as the server tells them, from the first on; never before this returns. */
  onEvent(tell: (event: ServerEvent) => void): void {
    this.tellEvent = tell;
    queueMicrotask(() => this.untold.splice(0).forEach(tell));
  }

  dismiss(refusal: Refusal): void {
    this.tray.drop(refusal);
  }

  /** Leave. What is unsaved stays in this browser; done when it is kept. */
  close(): Promise<void> {
    this.closing ??= this.leave();
    return this.closing;
  }

  private async leave(): Promise<void> {
    this.flush();
    this.line.close();
    this.whereabouts.peek().destroy();
    this.tray.close();
    this.leaveDoc(this.current.peek());
    await this.loading; // the storage may open only now: what was edited before is kept in it all the same
    await this.kept?.close();
  }

  private get kept(): KeptDocument | null {
    return this.storage.peek();
  }

  private hasLeft(): boolean {
    return this.closing !== null;
  }

  private readState(): ConnectionState {
    const line = this.line.state.value;
    if (line.name !== "open") return line;
    return this.synced.value ? { name: "synced" } : { name: "connecting" };
  }

  private async load(): Promise<void> {
    this.storage.value = await KeptDocument.open(this.name);
    const loaded = await this.kept?.load().catch(() => null);
    this.keepEarly();
    if (this.hasLeft()) return;
    if (this.question) this.question = knownToServer(this.question, this.current.peek());
    if (loaded) this.show(loaded);
    this.isLoaded = true;
    if (this.line.state.peek().name === "open") this.converse();
  }

  /** What came from the server, or was edited, while the storage opened is in the document, but not kept yet. */
  private keepEarly(): void {
    for (const update of this.unkept.splice(0)) this.kept?.keepOthers(update);
    if (this.waiting.length) this.kept?.keepMine(Y.mergeUpdates(this.waiting), this.ledger.own);
  }

  private show({ updates, unsaved }: Loaded): void {
    const doc = this.current.peek();
    Y.transact(doc, () => updates.forEach((update) => applyUpdate(doc, update, FROM_BROWSER)), FROM_BROWSER, false);
    this.ledger.carry(unsaved);
    if (updates.length) this.ready.value = true;
  }

  // -- my edits

  /** Yjs writes an update for whoever listens, once a transaction is over: what came as bytes need not be written again. */
  private readonly listenForMine = ({ origin, doc }: Y.Transaction): void => {
    doc.off("update", this.updated);
    if (origin !== FROM_BROWSER && origin !== FROM_SERVER) doc.on("update", this.updated);
  };

  private readonly updated = (update: Uint8Array): void => {
    this.ledger.edited();
    this.kept?.keepMine(update, this.ledger.own);
    this.waiting.push(update);
    this.soon();
  };

  private soon(): void {
    if (this.isFlushDue || !this.answered) return;
    this.isFlushDue = true;
    const wait = this.lastFlush + BATCH_MS - performance.now();
    // At the end of what is being done now: an action's transactions go together.
    if (wait <= 0) queueMicrotask(() => this.flush());
    else setTimeout(() => this.flush(), wait);
  }

  private flush(): void {
    this.isFlushDue = false;
    if (!this.answered || !this.waiting.length) return;
    this.lastFlush = performance.now();
    const messages = inMessages(this.waiting, MOST_UPDATE_BYTES);
    this.waiting = [];
    messages.forEach((message, at) => {
      this.ledger.note(message, { isLast: at === messages.length - 1, everything: false });
      this.line.send(wire.update(message));
    });
  }

  // -- the handshake

  private opened(): void {
    this.answered = false;
    this.mustAnswer = false;
    this.synced.value = false;
    this.ledger.reconnected();
    this.question = null;
    this.hasAsked = this.hasAll = false;
    // Where nothing was kept, all can be asked for before the browser's storage is open.
    if (this.isLoaded || !mayBeKept(this.name)) this.greet();
  }

  /** What was kept is loaded: now it is known what the server lacks. */
  private converse(): void {
    if (!this.hasAsked) this.greet();
    if (this.question) this.answer(this.question);
    this.synced.value = this.hasAll;
  }

  private greet(): void {
    this.hasAsked = true;
    this.askForMissing();
    // A session has one awareness client: while a document is exchanged, that is the next one's.
    if (!this.next) this.whereabouts.peek().again();
  }

  private lost(): void {
    this.answered = false;
    this.synced.value = false;
    this.whereabouts.peek().alone();
  }

  private askForMissing(): void {
    this.line.send(wire.step1(Y.encodeStateVector(this.next ?? this.current.peek())));
  }

  private hear(bytes: Uint8Array): void {
    const message = wire.read(bytes);
    if (message.type === "step1") this.asked(message.stateVector);
    else if (message.type === "step2") this.receiveAll(message.update);
    else if (message.type === "update") this.receive(message.update);
    else if (message.type === "awareness") this.whereabouts.peek().hear(message.update);
    else if (message.type === "query") this.whereabouts.peek().again();
  }

  private asked(stateVector: Uint8Array): void {
    if (this.isLoaded) this.answer(stateVector);
    else this.question = stateVector;
  }

  /** Send what the server lacks, in pieces; deletes cannot be told from state vectors, so what is unsaved counts, too. */
  private answer(stateVector: Uint8Array): void {
    if (this.next) return; // a document that comes from the server has nothing to tell it
    const doc = this.current.peek();
    if (this.mustAnswer || this.unsaved.peek() > 0 || isAhead(doc, stateVector)) {
      const pieces = inPieces(Y.encodeStateAsUpdate(doc, stateVector), MOST_SYNC_BYTES);
      pieces.forEach((piece, at) => {
        const isLast = at === pieces.length - 1;
        this.ledger.note(piece, { isLast, everything: isLast });
        this.line.send(wire.step2(piece));
      });
      if (this.unsaved.peek() === 0 && isAhead(doc, stateVector)) this.ledger.carry(1);
    }
    this.mustAnswer = false;
    this.waiting = [];
    this.answered = true;
  }

  private receive(update: Uint8Array): void {
    const doc = this.next ?? this.current.peek();
    doc.once("afterTransactionCleanup", (transaction: Y.Transaction) => hasContent(transaction) && this.keep(update));
    applyUpdate(doc, update, FROM_SERVER);
  }

  private keep(update: Uint8Array): void {
    if (this.next) return; // a document on its way to replace the current one is kept when it does
    if (this.kept) this.kept.keepOthers(update);
    else if (!this.isLoaded) this.unkept.push(update);
  }

  private receiveAll(update: Uint8Array): void {
    this.receive(update);
    batch(() => {
      if (this.next) this.takeOver(this.next);
      this.hasAll = true;
      this.synced.value = this.isLoaded;
      this.ready.value = true;
    });
  }

  // -- events

  private told(event: Told): void {
    switch (event.type) {
      case "hello":
      case "rights":
        this.rights.value = { role: event.role as Role, mayWrite: event.may_write === true };
        return;
      case "saved":
        return this.saved(event.upto as number);
      case "refused":
        return this.refuse(event);
      case "resync":
        return this.resync();
      case "removed":
        return this.removals.hear(event as unknown as RemovedEvent);
      case "run":
      case "project":
        return this.tellEvent(event as unknown as ServerEvent);
    }
  }

  private saved(upto: number): void {
    const everything = this.ledger.acknowledged(upto);
    this.kept?.noteUnsaved(this.ledger.own);
    if (everything) void this.kept?.forgetEarlier();
    if (this.unsaved.peek() === 0) this.forgetRefusals();
  }

  private resync(): void {
    this.ledger.distrust();
    this.answered = false;
    this.mustAnswer = true;
    this.askForMissing();
  }

  // -- refusals

  /** Keep a copy of what was refused, and start again from what the server has. */
  private refuse(event: Told): void {
    if (this.next) return;
    const annotation = typeof event.annotation === "string" ? event.annotation : null;
    const refused = this.ledger.updateOf(event.number as number);
    const doc = this.current.peek();
    const ids = annotation ? new Set([annotation]) : refused ? idsIn(refused, doc) : new Set<string>();
    for (const id of ids) this.notAgain.add(id);
    this.refusals += 1;
    this.tray.put({ code: String(event.code), sentence: String(event.sentence), annotation, kept: copyOf(doc, ids) });
    this.next = new Y.Doc();
    this.answered = false;
    this.line.restart();
  }

  /** The new document holds what the server has: make my other unsaved edits in it again. */
  private takeOver(fresh: Y.Doc): void {
    const old = this.current.peek();
    const { edits, conflicts } = unsavedEdits(old, fresh);
    const others = edits.filter(({ root, key }) => !this.notAgain.has(key || root));
    const mayTry = this.refusals <= MOST_REFUSALS && this.rights.peek()?.mayWrite !== false;
    const copies = [...conflicts, ...(mayTry ? [] : others)];
    if (copies.length) this.tray.put({ code: "not_sent", sentence: NOT_SENT, annotation: null, kept: copies });
    this.exchange(old, fresh);
    if (mayTry) fresh.transact(() => makeAgain(fresh, others), BY_HAND);
  }

  private exchange(old: Y.Doc, fresh: Y.Doc): void {
    this.leaveDoc(old);
    this.next = null;
    this.waiting = [];
    this.ledger.clear();
    void this.kept?.replace(Y.encodeStateAsUpdate(fresh));
    fresh.on("afterTransactionCleanup", this.listenForMine);
    this.answered = true;
    const before = this.whereabouts.peek();
    const state = before.awareness.getLocalState();
    before.destroy();
    this.whereabouts.value = this.whereaboutsOf(fresh);
    this.whereabouts.peek().awareness.setLocalState(state);
    this.line.send(wire.queryAwareness());
    this.current.value = fresh;
  }

  private leaveDoc(doc: Y.Doc): void {
    doc.off("afterTransactionCleanup", this.listenForMine);
    doc.off("update", this.updated);
  }

  private forgetRefusals(): void {
    this.notAgain.clear();
    this.refusals = 0;
  }

  private whereaboutsOf(doc: Y.Doc): Whereabouts {
    return new Whereabouts(doc, (update) => {
      if (!this.next) this.line.send(wire.awareness(update));
    });
  }
}

const NOT_SENT = "These edits could not be sent after the refusal, because others had changed the same text or you may not write. Here is a copy.";
