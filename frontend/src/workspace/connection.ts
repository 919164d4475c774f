/** The document's way to the server and back: what is sent, what is saved, what was refused. Knows no annotations' meaning. */

import { type ReadonlySignal, signal } from "@preact/signals";
import * as Y from "yjs";

import type { Json, Role, Run } from "./model";

export type ConnectionState =
  | { readonly name: "connecting" }
  | { readonly name: "synced" }
  /** No connection; it is tried again by itself. Edits are kept. */
  | { readonly name: "offline" }
  /** Sent away: it is not tried again. */
  | { readonly name: "closed"; readonly code: number; readonly sentence: string };

/** What the server did not take: its reason, and a copy of what was meant. */
export interface Refusal {
  readonly code: string;
  readonly sentence: string;
  readonly annotation: string | null;
  readonly kept: readonly Kept[];
}

export interface Kept {
  readonly root: string;
  readonly key: string;
  /** As it was wanted; null where it was to go. For a text root: the whole text. */
  readonly value: Json;
}

export interface Rights {
  readonly role: Role;
  readonly mayWrite: boolean;
}

export type ServerEvent =
  | { readonly type: "run"; readonly run: Run }
  | { readonly type: "project"; readonly revision: number };

export interface ConnectionOptions {
  /** Address of the document's socket; http(s) and ws(s) alike, or a path on this site. */
  readonly address: string;
  readonly documentId: number;
  readonly epoch: number;
  readonly userId: number;
  /** Runs and project news as the server tells them. */
  readonly onEvent?: (event: ServerEvent) => void;
}

export class Connection {
  readonly state: ReadonlySignal<ConnectionState> = signal({ name: "connecting" });
  /** What is in the document is on the screen: loaded from this browser or from the server. */
  readonly ready: ReadonlySignal<boolean> = signal(false);
  /** How many of my edits are not committed on the server. 0 is what "Saved" means. */
  readonly unsaved: ReadonlySignal<number> = signal(0);
  readonly latency: ReadonlySignal<number | null> = signal(null);
  readonly rights: ReadonlySignal<Rights | null> = signal(null);
  readonly refused: ReadonlySignal<readonly Refusal[]> = signal([]);
  /** Another one after a refusal: observe it through this signal. */
  readonly doc: ReadonlySignal<Y.Doc> = signal(new Y.Doc());

  constructor(readonly options: ConnectionOptions) {}

  /** Load what this browser kept, then connect. */
  open(): void {}

  dismiss(_refusal: Refusal): void {}

  close(): void {}
}
