/** What the rest of the workspace sees of a connection. */

import type { Role, Run } from "./model";
import type { Edit } from "./rebuild";

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
  readonly kept: readonly Edit[];
}

export interface Rights {
  readonly role: Role;
  readonly mayWrite: boolean;
}

export type ServerEvent =
  | { readonly type: "run"; readonly run: Run }
  | { readonly type: "project"; readonly revision: number };
