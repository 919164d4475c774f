/** A task's journal in this browser: the document as it was after any of its rows. Knows Yjs and pages of rows; no screen. */

import * as Y from "yjs";

/** A row as the API gives it. */
export interface UpdateRow {
  readonly seq: number;
  readonly author: string | null;
  readonly origin: string;
  readonly at: string;
  readonly update: string;
}

export interface Row {
  readonly seq: number;
  readonly author: string | null;
  readonly origin: string;
  readonly at: string;
  readonly update: Uint8Array;
}

export type FetchRows = (after: number) => Promise<{ readonly items: readonly UpdateRow[]; readonly next: number | null }>;

/** After so many rows the whole state is kept, so that no moment is far from one. */
const ROWS_A_SNAPSHOT = 250;

export class Replay {
  readonly rows: Row[] = [];
  private readonly snapshots: Uint8Array[] = [];
  private readonly latest = new Y.Doc();
  private loading: Promise<void> | null = null;

  constructor(private readonly fetchRows: FetchRows) {}

  /** Fetch what was committed since; done when all of it is here. */
  load(): Promise<void> {
    this.loading ??= this.fetchAll().finally(() => (this.loading = null));
    return this.loading;
  }

  /** The document as it was after row `seq`; a new one each time, which the caller may keep. */
  docAt(seq: number): Y.Doc {
    const count = this.countUpTo(seq);
    const snapshot = Math.floor(count / ROWS_A_SNAPSHOT);
    const doc = new Y.Doc();
    const state = this.snapshots[snapshot - 1];
    if (state) Y.applyUpdate(doc, state);
    for (const { update } of this.rows.slice(snapshot * ROWS_A_SNAPSHOT, count)) Y.applyUpdate(doc, update);
    return doc;
  }

  /** The last row up to `seq`, if there is one. */
  rowAt(seq: number): Row | undefined {
    return this.rows[this.countUpTo(seq) - 1];
  }

  private countUpTo(seq: number): number {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.rows[middle]?.seq ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private async fetchAll(): Promise<void> {
    for (let after: number | null = this.rows.at(-1)?.seq ?? 0; after !== null;) {
      const page: Awaited<ReturnType<FetchRows>> = await this.fetchRows(after);
      for (const item of page.items) this.take({ ...item, update: bytesOf(item.update) });
      after = page.next;
    }
  }

  private take(row: Row): void {
    this.rows.push(row);
    Y.applyUpdate(this.latest, row.update);
    if (this.rows.length % ROWS_A_SNAPSHOT === 0) this.snapshots.push(Y.encodeStateAsUpdate(this.latest));
  }
}

function bytesOf(base64: string): Uint8Array {
  const text = atob(base64);
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
