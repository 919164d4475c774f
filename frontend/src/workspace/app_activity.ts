/** The last thing that somebody else did in the task, as a line: who did what. Compares what holds with what held before. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { DocumentChange, TaskDocument } from "./document";
import type { Resolved } from "./model";
import type { Authors } from "./removals";
import { canonical } from "./resolution";
import { t, tn } from "../words/words";

export interface Deed {
  readonly who: string;
  readonly did: string;
  readonly what: string;
}

/** How annotations and people are called. */
export interface Names {
  wording(mark: Resolved): string;
  labelOf(mark: Resolved): { readonly name: string };
  nameOf(user: number | null): string;
}

const LONGEST = 40;

export class Activity {
  readonly last: ReadonlySignal<Deed | null>;
  private readonly told = signal<Deed | null>(null);
  /** What is there when a task is opened is no news, nor is what the first exchange with the server brings. */
  private isNews = false;
  readonly stop: () => void;

  constructor(
    private readonly document: TaskDocument,
    private readonly names: Names,
    private readonly authors: Authors,
  ) {
    this.last = this.told;
    this.stop = document.onChange((change) => this.hear(change));
  }

  /** The task is on screen as the server has it: what comes from now on is news. */
  begin(): void {
    this.isNews = true;
  }

  private hear({ before, mine }: DocumentChange): void {
    if (mine || !this.isNews) return;
    const pairs = [...before].map(([id, was]): Pair => [was, this.document.get(id)]);
    const deed = deedOf(pairs.filter(isDeed), this.names, this.authors);
    if (deed) this.told.value = deed;
  }
}

type Pair = readonly [was: Resolved | undefined, is: Resolved | undefined];

/** One line for what came in one change; it tells of the last of several. */
export function deedOf(pairs: readonly Pair[], names: Names, authors: Authors): Deed | null {
  const pair = pairs[pairs.length - 1];
  if (!pair) return null;
  const [was, is] = pair;
  const what = pairs.length > 1 ? tn(pairs.length, "{n} label", "{n} labels") : called(is ?? was, names);
  return { who: doer(was, is, names, authors), did: is ? verb(was, is) : t("deleted"), what };
}

export function sentenceOf({ who, did, what }: Deed): string {
  return `${who} ${did} ${what}`;
}

/** What only follows from another deed is not told: duplicates, answers that another one supersedes. */
function isDeed([was, is]: Pair): boolean {
  if (!is) return was !== undefined && was.status !== "duplicate" && was.status !== "superseded";
  if (is.status === "duplicate" || is.status === "superseded") return false;
  return !was || was.status !== is.status || isCorrected(was, is);
}

function isCorrected(was: Resolved, is: Resolved): boolean {
  return was.label !== is.label || canonical(was.value) !== canonical(is.value);
}

function doer(was: Resolved | undefined, is: Resolved | undefined, names: Names, authors: Authors): string {
  if (!is) return person(was ? authors.removedBy(was.id) : null, names);
  if (is.status === "suggested") return is.backend ?? t("The model");
  if (!was && is.origin === "import") return t("An import");
  const corrected = was && isCorrected(was, is);
  return person(corrected ? authors.correctedBy(is.id, was.label === is.label ? "values" : "labels") : (is.decidedBy ?? is.author), names);
}

function person(user: number | null, names: Names): string {
  return user === null ? t("Somebody") : names.nameOf(user);
}

function verb(was: Resolved | undefined, is: Resolved): string {
  if (is.status === "suggested") return t("suggested");
  if (is.status === "rejected") return t("rejected");
  if (!was) return t("added");
  if (was.label !== is.label) return t("relabelled");
  return was.status === "suggested" ? t("accepted") : t("changed");
}

function called(mark: Resolved | undefined, names: Names): string {
  if (!mark) return "";
  const wording = names.wording(mark);
  const short = wording.length > LONGEST ? `${wording.slice(0, LONGEST - 1).trimEnd()}…` : wording;
  return mark.kind === "span" ? `${short} · ${names.labelOf(mark).name}` : short;
}
