/** What one document holds that another does not, by meaning: for making edits again after one of them was refused. */

import * as Y from "yjs";

import type { Id, Json } from "./model";
import { mayCutAt } from "./offsets";
import { canonical } from "./resolution";
import { BY_ANNOTATION, BY_COMMENT, TEXT_PREFIX } from "./roots";

const MAPS = [...BY_ANNOTATION, ...BY_COMMENT] as const;
/** A comment stands by itself; all other entries speak of an annotation or of a comment. */
const ABOUT: Readonly<Record<string, string | null>> = { annotations: null, comments: null, resolutions: "comments" };

/** A key of a Map root as it is wanted; null where it is to go. For a Text root: the whole text, under an empty key. */
export interface Edit {
  readonly root: string;
  readonly key: string;
  readonly value: Json;
}

export interface Unsaved {
  readonly edits: readonly Edit[];
  /** Texts that were typed into here and changed there, too: they cannot be told apart any more. */
  readonly conflicts: readonly Edit[];
}

/** What was changed in `old` and is not in `fresh`, which is what the server has. */
export function unsavedEdits(old: Y.Doc, fresh: Y.Doc): Unsaved {
  const touched = touchedSince(old, fresh);
  const edits = MAPS.flatMap((root) => mapEdits(root, touched.get(root) ?? new Set(), old, fresh));
  const texts = [...touched.keys()].filter((root) => root.startsWith(TEXT_PREFIX)).map((root) => textEdit(root, old));
  const changed = texts.filter((edit) => fresh.getText(edit.root).toJSON() !== edit.value);
  const isConflict = ({ root }: Edit): boolean => !isContained(fresh, old, root);
  return { edits: [...edits, ...changed.filter((edit) => !isConflict(edit))], conflicts: changed.filter(isConflict) };
}

/** Make edits in `doc`. What speaks of an annotation that is not there is left out. */
export function makeAgain(doc: Y.Doc, edits: readonly Edit[]): void {
  for (const { root, key, value } of edits) {
    const about = ABOUT[root] === undefined ? "annotations" : ABOUT[root];
    if (root.startsWith(TEXT_PREFIX)) setText(doc.getText(root), value as string);
    else if (value === null) doc.getMap(root).delete(key);
    else if (about === null || doc.getMap(about).has(key)) doc.getMap(root).set(key, value);
  }
}

/** What `doc` says of these annotations (and text roots): a copy of what was meant. */
export function copyOf(doc: Y.Doc, ids: ReadonlySet<Id>): Edit[] {
  const inMaps = [...ids].flatMap((id) =>
    MAPS.filter((root) => doc.getMap(root).has(id)).map((root) => ({ root, key: id, value: doc.getMap(root).get(id) as Json })),
  );
  return [...inMaps, ...[...ids].filter((id) => id.startsWith(TEXT_PREFIX)).map((root) => textEdit(root, doc))];
}

/** Of which annotations (and text roots) an update speaks, which is part of `doc`. */
export function idsIn(update: Uint8Array, doc: Y.Doc): Set<Id> {
  const { structs, ds } = Y.decodeUpdate(update);
  const names = rootNames(doc);
  const ids = new Set<Id>();
  const take = (client: number, clock: number): void => {
    const item = itemAt(doc, client, clock);
    const root = item && names.get(item.parent as Y.AbstractType<unknown>);
    if (root) ids.add(item.parentSub ?? root);
  };
  for (const struct of structs) take(struct.id.client, struct.id.clock);
  for (const [client, ranges] of ds.clients) {
    for (const { clock, len } of ranges) for (let at = clock; at < clock + len; at += 1) take(client, at);
  }
  return ids;
}

type Touched = Map<string, Set<string>>;

function touchedSince(old: Y.Doc, fresh: Y.Doc): Touched {
  const names = rootNames(old);
  const known = Y.decodeStateVector(Y.encodeStateVector(fresh));
  const touched: Touched = new Map();
  for (const [client, structs] of old.store.clients) {
    for (const item of structs) {
      if (!(item instanceof Y.Item)) continue;
      const isNew = item.id.clock + item.length > (known.get(client) ?? 0);
      if (!isNew && !(item.deleted && isAliveIn(fresh, item))) continue;
      const root = names.get(item.parent as Y.AbstractType<unknown>);
      if (root) touched.set(root, (touched.get(root) ?? new Set()).add(item.parentSub ?? ""));
    }
  }
  return touched;
}

function isAliveIn(doc: Y.Doc, item: Y.Item): boolean {
  for (let clock = item.id.clock; clock < item.id.clock + item.length;) {
    const found = itemAt(doc, item.id.client, clock);
    if (found && !found.deleted) return true;
    clock = found ? found.id.clock + found.length : clock + 1;
  }
  return false;
}

function mapEdits(root: string, keys: ReadonlySet<string>, old: Y.Doc, fresh: Y.Doc): Edit[] {
  const [was, is] = [old.getMap(root), fresh.getMap(root)];
  return [...keys]
    .map((key) => ({ root, key, value: (was.get(key) ?? null) as Json }))
    .filter(({ key, value }) => (value === null ? is.has(key) : canonical(is.get(key) as Json) !== canonical(value)));
}

function textEdit(root: string, doc: Y.Doc): Edit {
  return { root, key: "", value: doc.getText(root).toJSON() };
}

/** Whether nothing was written or deleted in a text root of `doc` that `other` does not know of. */
function isContained(doc: Y.Doc, other: Y.Doc, root: string): boolean {
  const known = Y.decodeStateVector(Y.encodeStateVector(other));
  for (let item = doc.getText(root)._start; item; item = item.right) {
    if (item.id.clock + item.length > (known.get(item.id.client) ?? 0)) return false;
    if (item.deleted && isAliveIn(other, item)) return false;
  }
  return true;
}

function setText(text: Y.Text, wanted: string): void {
  const now = text.toJSON();
  const most = Math.min(now.length, wanted.length);
  let start = 0;
  while (start < most && now[start] === wanted[start]) start += 1;
  let tail = 0;
  while (tail < most - start && now[now.length - 1 - tail] === wanted[wanted.length - 1 - tail]) tail += 1;
  // A cut inside a surrogate pair would break both halves.
  if (!mayCutAt(now, start) || !mayCutAt(wanted, start)) start -= 1;
  if (!mayCutAt(now, now.length - tail) || !mayCutAt(wanted, wanted.length - tail)) tail -= 1;
  if (now.length - tail > start) text.delete(start, now.length - tail - start);
  if (wanted.length - tail > start) text.insert(start, wanted.slice(start, wanted.length - tail));
}

function itemAt(doc: Y.Doc, client: number, clock: number): Y.Item | null {
  const structs = doc.store.clients.get(client);
  if (!structs || clock >= Y.getState(doc.store, client)) return null;
  const found = structs[Y.findIndexSS(structs, clock)];
  return found instanceof Y.Item ? found : null;
}

function rootNames(doc: Y.Doc): ReadonlyMap<Y.AbstractType<unknown>, string> {
  return new Map([...doc.share].map(([name, type]) => [type as Y.AbstractType<unknown>, name]));
}
