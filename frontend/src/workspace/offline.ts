/** A document kept in this browser, so that nothing is lost with a tab or a connection (promise P3). Knows bytes only.

One database for each person, document and epoch. Two tabs may write to it at once. `unsaved` holds, for each tab that has
(or had) edits which the server did not acknowledge, how many: written in the transaction that keeps the edits themselves.
*/

import { signal } from "@preact/signals";
import * as Y from "yjs";

const PREFIX = "colabel/";
const UPDATES = "updates";
const UNSAVED = "unsaved";

/** Rows that make it worth while to merge them into one. */
const ROWS_TO_MERGE = 300;
/** What others did can be fetched again: it is written now and then. */
const OTHERS_WAIT_MS = 250;
/** In milliseconds; tests take shorter ones. A browser that cannot open its storage in this time works without. */
export const WAITS = { opening: 3_000 };

interface Row {
  readonly update: Uint8Array;
  /** The tab that made it; null for what came from the server. */
  readonly tab: string | null;
}

export interface Loaded {
  readonly updates: readonly Uint8Array[];
  /** Edits that other tabs, closed by now or not, left unacknowledged. */
  readonly unsaved: number;
}

export class KeptDocument {
  /** All of my edits are written; false while one is on its way, and from one that could not be until none is unsaved. */
  readonly isSafe = signal(true);
  private readonly tab = tabName();
  private readonly earlier = new Set<string>();
  private waiting: Row[] = [];
  private waitingUnsaved: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private rows = 0;
  private hasHinted = false;
  private writing = 0;
  private hasFailed = false;
  private last: Promise<void> = Promise.resolve();

  private constructor(private readonly database: IDBDatabase) {
    // Somebody logs out in another tab: do not stand in the way.
    database.onversionchange = () => database.close();
  }

  /** Null where the browser has no storage for us (a private window, a full disk). */
  static async open(name: string): Promise<KeptDocument | null> {
    const opening = openDatabase(name);
    try {
      return new KeptDocument(await withinTime(opening));
    } catch {
      // One that opens after all, unused, would stand in the way of a logout.
      opening.then((database) => database.close(), () => undefined);
      return null;
    }
  }

  async load(): Promise<Loaded> {
    const transaction = this.database.transaction([UPDATES, UNSAVED]);
    const [rows, tabs, counts] = await Promise.all([
      answer(transaction.objectStore(UPDATES).getAll() as IDBRequest<Row[]>),
      answer(transaction.objectStore(UNSAVED).getAllKeys()),
      answer(transaction.objectStore(UNSAVED).getAll() as IDBRequest<number[]>),
    ]);
    for (const tab of tabs) this.earlier.add(tab as string);
    this.rows = rows.length;
    return { updates: rows.map((row) => row.update), unsaved: counts.reduce((sum, count) => sum + count, 0) };
  }

  /** Keep an edit made here, at once. */
  keepMine(update: Uint8Array, unsaved: number): void {
    this.hint();
    this.waiting.push({ update, tab: this.tab });
    this.waitingUnsaved = unsaved;
    this.isSafe.value = false;
    this.soon(0);
  }

  keepOthers(update: Uint8Array): void {
    this.hint();
    this.waiting.push({ update, tab: null });
    this.soon(OTHERS_WAIT_MS);
  }

  /** How many edits of this tab the server has not acknowledged. */
  noteUnsaved(count: number): void {
    if (count === 0) this.hasFailed = false;
    this.waitingUnsaved = count;
    this.soon(OTHERS_WAIT_MS);
  }

  /** The server has what earlier tabs had left when this one opened. */
  async forgetEarlier(): Promise<void> {
    await this.write((_, unsaved) => {
      for (const tab of this.earlier) unsaved.delete(tab);
      this.earlier.clear();
    });
  }

  /** Start again from this state. What another living tab has not got through yet stays. */
  async replace(state: Uint8Array): Promise<void> {
    this.hint();
    this.waiting = [];
    this.waitingUnsaved = null;
    await this.write((updates, unsaved) => {
      const gone = new Set([null, this.tab, ...this.earlier]);
      removeRows(updates, (row) => gone.has(row.tab), () => void updates.add({ update: state, tab: null }));
      for (const tab of [this.tab, ...this.earlier]) unsaved.delete(tab);
      this.earlier.clear();
    });
  }

  /** Everything that was to be kept is. */
  async settled(): Promise<void> {
    this.flush();
    await this.last;
  }

  async close(): Promise<void> {
    await this.settled();
    this.database.close();
  }

  private hint(): void {
    if (!this.hasHinted) hintThatKept(this.database.name);
    this.hasHinted = true;
  }

  private soon(wait: number): void {
    if (wait === 0) {
      clearTimeout(this.timer);
      this.timer = undefined;
      queueMicrotask(() => this.flush());
    } else {
      this.timer ??= setTimeout(() => this.flush(), wait);
    }
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const [rows, count] = [this.waiting, this.waitingUnsaved];
    if (!rows.length && count === null) return;
    this.waiting = [];
    this.waitingUnsaved = null;
    this.rows += rows.length;
    void this.write((updates, unsaved) => {
      for (const row of merged(rows)) updates.add(row);
      if (count === 0) unsaved.delete(this.tab);
      else if (count !== null) unsaved.put(count, this.tab);
      if (this.rows > ROWS_TO_MERGE) this.mergeRows(updates, unsaved);
    });
  }

  /** Rows of a tab that has unacknowledged edits stay apart, in case one of them must be taken out again. */
  private mergeRows(updates: IDBObjectStore, unsaved: IDBObjectStore): void {
    this.rows = 0;
    unsaved.count().onsuccess = (event) => {
      if ((event.target as IDBRequest<number>).result > 0) return;
      updates.getAll().onsuccess = (found) => {
        const rows = (found.target as IDBRequest<Row[]>).result;
        updates.clear();
        updates.add({ update: Y.mergeUpdates(rows.map((row) => row.update)), tab: null });
      };
    };
  }

  private write(change: (updates: IDBObjectStore, unsaved: IDBObjectStore) => void): Promise<void> {
    this.writing += 1;
    this.last = this.last.then(() => this.transact(change)).then(() => {
      this.writing -= 1;
      this.isSafe.value = !this.hasFailed && !this.writing && !this.waiting.some((row) => row.tab !== null);
    });
    return this.last;
  }

  private async transact(change: (updates: IDBObjectStore, unsaved: IDBObjectStore) => void): Promise<void> {
    try {
      const transaction = this.database.transaction([UPDATES, UNSAVED], "readwrite");
      change(transaction.objectStore(UPDATES), transaction.objectStore(UNSAVED));
      await done(transaction);
    } catch (error) {
      // The storage is full, or was deleted under us (a logout): work goes on, the server still gets everything.
      this.hasFailed = true;
      console.warn("This browser cannot keep the document:", error);
    }
  }
}

export function nameOf(userId: number, documentId: number, epoch: number): string {
  return `${PREFIX}${userId}/${documentId}/${epoch}`;
}

/** Whether something may be kept under this name. Known at once, while the storage itself takes its time to open. */
export function mayBeKept(name: string): boolean {
  return withHints(true, (hints) => hints.getItem(name) !== null);
}

function hintThatKept(name: string): void {
  withHints(undefined, (hints) => hints.setItem(name, "kept"));
}

/** Where hints cannot be kept or read, `otherwise`. */
function withHints<T>(otherwise: T, deed: (hints: Storage) => T): T {
  try {
    return deed(localStorage);
  } catch {
    return otherwise;
  }
}

async function openDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(UPDATES, { autoIncrement: true });
    request.result.createObjectStore(UNSAVED);
  };
  return answer(request);
}

function removeRows(updates: IDBObjectStore, isGone: (row: Row) => boolean, then: () => void): void {
  updates.openCursor().onsuccess = (event) => {
    const cursor = (event.target as IDBRequest<IDBCursorWithValue | null>).result;
    if (cursor && isGone(cursor.value as Row)) cursor.delete();
    if (cursor) cursor.continue();
    else then();
  };
}

/** Neighbours of one origin as one row. */
function merged(rows: readonly Row[]): Row[] {
  const groups: Row[][] = [];
  for (const row of rows) {
    const group = groups[groups.length - 1];
    if (group?.[0]?.tab === row.tab) group.push(row);
    else groups.push([row]);
  }
  return groups.map((group) => ({ tab: group[0]?.tab ?? null, update: Y.mergeUpdates(group.map((row) => row.update)) }));
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The browser's storage failed."));
  });
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("The browser's storage failed."));
  });
}

function withinTime<T>(promise: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error("The browser's storage does not open.")), WAITS.opening));
  return Promise.race([promise, late]);
}

function tabName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
