/** What must be written so that a task is as it was: compares two documents entry by entry. Pure: writes nothing.
 *
 * The discussion and what became of the task as a whole stay as they are: nobody means those. */

import type * as Y from "yjs";

import type { Id, Json } from "./model";
import type { Edit } from "./rebuild";
import { canonical } from "./resolution";
import { BY_ANNOTATION, TEXT_PREFIX } from "./roots";

export interface Plan {
  readonly edits: readonly Edit[];
  /** Annotations that are gone now and come back. */
  readonly back: readonly Id[];
  /** Annotations that were not there then, and go. */
  readonly gone: readonly Id[];
  /** Annotations whose label, value or decision was another one. */
  readonly changed: readonly Id[];
  /** Free texts, by their field. */
  readonly texts: readonly string[];
  /** Whose words are taken back by it. */
  readonly people: readonly number[];
}

type Entry = Readonly<Record<string, Json>>;

/** `ids`: only these annotations. `isClosed`: fields in which nothing can be written any more. */
export function planOf(now: Y.Doc, then: Y.Doc, ids: ReadonlySet<Id> | null = null, isClosed: (field: string) => boolean = () => false): Plan {
  const keys = ids ?? new Set(BY_ANNOTATION.flatMap((root) => [...keysOf(now, root), ...keysOf(then, root)]));
  const [stands, stood] = [now.getMap<Entry>("annotations"), then.getMap<Entry>("annotations")];
  const all = [...keys].sort();
  const back = all.filter((id) => !stands.has(id) && stood.has(id));
  const gone = all.filter((id) => stands.has(id) && !stood.has(id));
  const kept = new Set(all.filter((id) => stood.has(id)));
  const entries = BY_ANNOTATION.flatMap((root) => [...kept].flatMap((id) => edit(root, id, now, then)));
  const removals = gone.map((id): Edit => ({ root: "annotations", key: id, value: null }));
  const texts = textEdits(now, then, ids, isClosed);
  const isBack = new Set(back);
  const changed = [...new Set(entries.map(({ key }) => key))].filter((id) => !isBack.has(id));
  const edits = [...removals, ...entries, ...texts];
  return { edits, back, gone, changed, texts: texts.map(({ root }) => root.slice(TEXT_PREFIX.length)), people: peopleOf(edits, now) };
}

function keysOf(doc: Y.Doc, root: string): Iterable<string> {
  return doc.getMap(root).keys();
}

function edit(root: string, key: Id, now: Y.Doc, then: Y.Doc): Edit[] {
  const [is, was] = [now.getMap(root).get(key) as Json | undefined, then.getMap(root).get(key) as Json | undefined];
  return canonical(is) === canonical(was) ? [] : [{ root, key, value: was ?? null }];
}

function textEdits(now: Y.Doc, then: Y.Doc, ids: ReadonlySet<Id> | null, isClosed: (field: string) => boolean): Edit[] {
  const roots = new Set([...now.share.keys(), ...then.share.keys()].filter((root) => root.startsWith(TEXT_PREFIX)));
  const wanted = [...roots].sort().filter((root) => {
    const name = root.slice(TEXT_PREFIX.length);
    return ids ? ids.has(name) : !isClosed(name);
  });
  return wanted.flatMap((root) => {
    const was = then.getText(root).toJSON();
    return now.getText(root).toJSON() === was ? [] : [{ root, key: "", value: was }];
  });
}

/** Who wrote what is replaced or taken away. Of a text nobody can say. */
function peopleOf(edits: readonly Edit[], now: Y.Doc): number[] {
  const people = edits.flatMap(({ root, key }) => {
    const is = key ? (now.getMap(root).get(key) as Entry | undefined) : undefined;
    const who = is?.by ?? is?.author;
    return typeof who === "number" ? [who] : [];
  });
  return [...new Set(people)].sort((a, b) => a - b);
}
