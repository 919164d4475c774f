/** The last thing that happened in the task, as a line: who did what. Pure. */

import type { Activity } from "./document";
import type { Resolved } from "./model";

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

export function deedOf(activity: Activity, names: Names): Deed {
  return { who: who(activity, names), did: did(activity), what: what(activity, names) };
}

export function sentenceOf({ who, did, what }: Deed): string {
  return [who, did, what].filter(Boolean).join(" ");
}

function who({ who, origin, mark }: Activity, names: Names): string {
  if (origin === "model" && who === null) return mark?.backend ?? "The model";
  if (origin === "import") return "An import";
  return who === null ? "Somebody" : names.nameOf(who);
}

function did({ verb, origin, who }: Activity): string {
  return verb === "added" && origin === "model" && who === null ? "suggested" : verb;
}

function what({ count, mark, verb }: Activity, names: Names): string {
  if (["submitted", "skipped", "reopened"].includes(verb)) return "the task";
  if (count > 1) return `${count} labels`;
  return mark ? called(mark, names) : "";
}

function called(mark: Resolved, names: Names): string {
  const wording = names.wording(mark);
  const short = wording.length > LONGEST ? `${wording.slice(0, LONGEST - 1).trimEnd()}…` : wording;
  return mark.kind === "span" ? `${short} · ${names.labelOf(mark).name}` : short;
}
