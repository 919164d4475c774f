/** What the rest of the workspace sees of a connection. */

import type { LineState } from "./line";
import type { Role, Run } from "./model";
import type { Edit } from "./rebuild";

/** As its line, though not open but `connecting`, until all that the server has is here: then `synced`. */
export type ConnectionState = Exclude<LineState, { readonly name: "open" }> | { readonly name: "synced" };

/** What the server did not take: its reason, and a copy of what was meant. */
export interface Refusal {
  readonly id: string;
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
