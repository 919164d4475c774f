/** The roots of a task's document, with the names and shapes of what they hold. Twin of the constants of projects/document.py. */

import type * as Y from "yjs";

import type { Decision, Id, Json, Statement } from "./model";

interface Said {
  readonly by: number;
  readonly at: string;
}

export type LabelSince = Said & { readonly label: string };
export type ValueSince = Said & { readonly value: Json };
export type Decided = Said & { readonly status: Decision };

/** What the root `comments` holds under an id; only its author changes it. */
export interface CommentSaid {
  readonly on: Id | null;
  readonly author: number;
  readonly body: string;
  readonly created: string;
  readonly reply_to?: Id;
  readonly quote?: string;
  readonly mentions?: readonly number[];
  readonly edited?: string;
}

export interface Roots {
  /** The statement as it was made; written once. */
  readonly annotations: Y.Map<Statement>;
  readonly labels: Y.Map<LabelSince>;
  readonly values: Y.Map<ValueSince>;
  readonly decisions: Y.Map<Decided>;
  readonly comments: Y.Map<CommentSaid>;
  /** By the comment that began a thread. */
  readonly resolutions: Y.Map<Said>;
  /** Written by the server only. */
  readonly state: Y.Map<Json>;
}

/** Roots whose keys are annotations' ids, in the order in which they are to be written. */
export const BY_ANNOTATION = ["annotations", "labels", "values", "decisions"] as const;
/** Roots whose keys are comments' ids, in that order, too. */
export const BY_COMMENT = ["comments", "resolutions"] as const;
export const TEXT_PREFIX = "text/";
export const TASK = "task";

export function rootsOf(doc: Y.Doc): Roots {
  return {
    annotations: doc.getMap("annotations"),
    labels: doc.getMap("labels"),
    values: doc.getMap("values"),
    decisions: doc.getMap("decisions"),
    comments: doc.getMap("comments"),
    resolutions: doc.getMap("resolutions"),
    state: doc.getMap("state"),
  };
}

export function textRoot(key: string): string {
  return TEXT_PREFIX + key;
}

/** An id that nobody else makes; ids made later sort later (UUIDv7). */
export function newId(now: number = Date.now()): Id {
  const chance = crypto.getRandomValues(new Uint8Array(9));
  const hex = now.toString(16).padStart(12, "0") + "7" + Array.from(chance, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-a${hex.slice(16, 19)}-${hex.slice(19, 31)}`;
}
