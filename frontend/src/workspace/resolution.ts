/** What the annotations say together: corrections, decisions, duplicates. The twin of `resolve` in projects/document.py.

An index that is kept up: a change costs what it touches, however many annotations there are.
*/

import type { Id, Json, Resolved, Statement, Status } from "./model";
import type { Decided, LabelSince, ValueSince } from "./roots";
import type { Schema } from "./schema";

interface Reading<T> {
  get(key: Id): T | undefined;
}

export interface Source {
  readonly annotations: Reading<Statement> & { keys(): Iterable<Id> };
  readonly labels: Reading<LabelSince>;
  readonly values: Reading<ValueSince>;
  readonly decisions: Reading<Decided>;
}

/** An annotation while it is compared with the others. */
interface Claim {
  readonly id: Id;
  /** By itself: its status does not know of the others yet. */
  readonly alone: Resolved;
  /** When it was decided; for what was never decided, when it was made. */
  readonly at: string;
  /** Two claims of equal meaning say the same. */
  readonly meaning: string;
  readonly group: Group;
  /** What it says beside the others; until its group is settled, what this id said before. */
  said: Resolved | undefined;
}

/** Claims that must be compared: all answers of a field that has one; else what says the same, mostly a single one. */
interface Group {
  readonly name: string;
  readonly isSingleAnswer: boolean;
  readonly claims: Claim[];
}

/** What says something else now (or nothing any more), each with what it said before. */
export type Changes = ReadonlyMap<Id, Resolved | undefined>;

const NOBODY: readonly number[] = [];

export class Resolution {
  private readonly claims = new Map<Id, Claim>();
  private readonly groups = new Map<string, Group>();

  constructor(
    private source: Source,
    private schema: Schema,
  ) {
    this.read(source.annotations.keys());
  }

  get(id: Id): Resolved | undefined {
    return this.claims.get(id)?.said;
  }

  all(): Resolved[] {
    const all: Resolved[] = [];
    for (const { said } of this.claims.values()) if (said) all.push(said);
    return all;
  }

  /** Everything that says the same as `id` and was accepted, `id` itself included. */
  sameAs(id: Id): Id[] {
    const claim = this.claims.get(id);
    return claim ? claim.group.claims.filter((other) => other.meaning === claim.meaning && isAccepted(other)).map((other) => other.id) : [];
  }

  /** The accepted answers of a field that has one answer, the one that counts and those that it supersedes. */
  answersOf(single: string): Resolved[] {
    return this.acceptedOf(single).flatMap(({ said }) => said ?? []);
  }

  /** When the last of these answers was decided; empty where there is none. */
  lastDecided(single: string): string {
    return this.acceptedOf(single).reduce((last, claim) => (claim.at > last ? claim.at : last), "");
  }

  /** Another project setup, or another document: everything is read anew. */
  replace(source: Source, schema: Schema): Changes {
    if (source === this.source && schema === this.schema) return new Map();
    this.source = source;
    this.schema = schema;
    return this.read(new Set([...this.claims.keys(), ...source.annotations.keys()]));
  }

  /** Read these again. */
  read(ids: Iterable<Id>): Changes {
    const changed = new Map<Id, Resolved | undefined>();
    const touched = new Set<Group>();
    for (const id of ids) {
      const old = this.claims.get(id);
      this.reread(id, old, touched);
      if (old && !this.claims.has(id)) changed.set(id, old.said);
    }
    for (const group of touched) settle(group, changed);
    return changed;
  }

  private reread(id: Id, old: Claim | undefined, touched: Set<Group>): void {
    if (old) {
      touched.add(old.group);
      this.leave(old);
    }
    const claim = this.claim(id, old?.said);
    if (!claim) return void this.claims.delete(id);
    touched.add(claim.group);
    this.claims.set(id, claim);
    claim.group.claims.push(claim);
  }

  private leave({ group, id }: Claim): void {
    const at = group.claims.findIndex((claim) => claim.id === id);
    if (at >= 0) group.claims.splice(at, 1);
    if (!group.claims.length) this.groups.delete(group.name);
  }

  private claim(id: Id, said: Resolved | undefined): Claim | null {
    const stated = this.source.annotations.get(id);
    if (!isObject(stated)) return null;
    const decision = this.source.decisions.get(id);
    const alone = readAlone(id, stated, this.source.labels.get(id), this.source.values.get(id), decision, this.schema);
    const meaning = meaningOf(alone);
    const isSingleAnswer = this.schema.isSingle(alone.field);
    const group = this.group(isSingleAnswer ? singleGroup(alone.field) : meaning, isSingleAnswer);
    return { id, alone, at: decision?.at ?? alone.created, meaning, group, said };
  }

  private group(name: string, isSingleAnswer: boolean): Group {
    const known = this.groups.get(name);
    if (known) return known;
    const group = { name, isSingleAnswer, claims: [] };
    this.groups.set(name, group);
    return group;
  }

  private acceptedOf(single: string): Claim[] {
    return (this.groups.get(singleGroup(single))?.claims ?? []).filter(isAccepted);
  }
}

/** Of single answers the last decided counts; of the same said twice, the first; what holds is not suggested again. */
function settle({ claims, isSingleAnswer }: Group, changed: Map<Id, Resolved | undefined>): void {
  const [only] = claims;
  if (only && claims.length === 1) {
    say(only, only.alone, changed);
    return;
  }
  const accepted = claims.filter(isAccepted);
  const winner = accepted.reduce(isSingleAnswer ? later : earlier, null);
  const others = winner ? accepted.filter((claim) => claim !== winner && claim.meaning === winner.meaning) : [];
  for (const claim of claims) {
    const status = claim === winner ? "accepted" : statusBeside(winner, claim);
    say(claim, withOthers(claim.alone, status, claim === winner ? creditsOf(claim, others) : NOBODY), changed);
  }
}

/** What did not change stays the same object. */
function say(claim: Claim, said: Resolved, changed: Map<Id, Resolved | undefined>): void {
  const was = claim.said;
  if (was && isEqual(was, said)) return;
  claim.said = said;
  changed.set(claim.id, was);
}

/** `field\0label`: how counts by label are found. */
export function countKey(field: string, label: string | null): string {
  return `${field}\0${label ?? ""}`;
}

function singleGroup(field: string): string {
  return `single\0${field}`;
}

function readAlone(
  id: Id,
  stated: Statement,
  labelSince: LabelSince | undefined,
  valueSince: ValueSince | undefined,
  decision: Decided | undefined,
  schema: Schema,
): Resolved {
  const saidLabel = stated.label ?? null;
  const saidValue = stated.value ?? null;
  const label = labelSince ? labelSince.label : saidLabel;
  const value = valueSince ? valueSince.value : saidValue;
  return {
    id,
    kind: stated.kind,
    field: stated.field,
    label,
    value,
    author: stated.author,
    origin: stated.origin,
    created: stated.created,
    status: decision?.status ?? (stated.origin === "model" ? "suggested" : "accepted"),
    decidedBy: decision?.by ?? null,
    corrected: label !== saidLabel || (value !== saidValue && canonical(value) !== canonical(saidValue)),
    alsoBy: NOBODY,
    labelRemoved: schema.isRemoved(stated.field, label),
    score: stated.score ?? null,
    backend: stated.backend ?? null,
    version: stated.version ?? null,
    run: stated.run ?? null,
  };
}

function statusBeside(winner: Claim | null, claim: Claim): Status {
  const own = claim.alone.status;
  if (!winner || own === "rejected") return own;
  if (claim.meaning === winner.meaning) return "duplicate";
  return own === "accepted" ? "superseded" : own;
}

function withOthers(alone: Resolved, status: Status, alsoBy: readonly number[]): Resolved {
  return status === alone.status && !alsoBy.length ? alone : { ...alone, status, alsoBy };
}

/** Who else said it: its duplicates' authors, or who accepted them. */
function creditsOf(winner: Claim, others: readonly Claim[]): number[] {
  const credits = new Set(others.map(credit).filter((who) => who !== null));
  credits.delete(credit(winner) ?? 0);
  return [...credits].sort((a, b) => a - b);
}

function credit({ alone }: Claim): number | null {
  return alone.origin === "model" ? alone.decidedBy : alone.author;
}

function isAccepted(claim: Claim): boolean {
  return claim.alone.status === "accepted";
}

function later(one: Claim | null, other: Claim): Claim {
  return one && isOlder(other, one) ? one : other;
}

function earlier(one: Claim | null, other: Claim): Claim {
  return one && isOlder(one, other) ? one : other;
}

function isOlder(one: Claim, other: Claim): boolean {
  return one.at === other.at ? one.id < other.id : one.at < other.at;
}

function meaningOf(said: Pick<Resolved, "field" | "label" | "value">): string {
  return `${said.field}\0${said.label ?? "\0"}\0${canonical(said.value)}`;
}

/** One text for equal values, whatever the order of their keys. */
export function canonical(value: Json | undefined): string {
  if (value === undefined) return "null";
  if (isSpan(value)) return `{"end":${value.end},"start":${value.start}}`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonical).join()}]`;
  const entries = Object.entries(value as Readonly<Record<string, Json>>).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join()}}`;
}

function isEqual(one: Resolved, other: Resolved): boolean {
  return (Object.keys(other) as (keyof Resolved)[]).every((key) => one[key] === other[key] || same(one[key], other[key]));
}

function same(one: Json, other: Json): boolean {
  return typeof one === "object" && typeof other === "object" && canonical(one) === canonical(other);
}

/** Most values are spans: they need no sorting of keys. */
function isSpan(value: Json): value is { readonly start: number; readonly end: number } {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return false;
  const { start, end } = value as { readonly [key: string]: Json };
  return Number.isFinite(start) && Number.isFinite(end) && Object.keys(value).length === 2;
}

function isObject(value: unknown): value is Statement {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
