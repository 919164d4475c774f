/** What was done, in words: a line for each deed of a row of the history. */

import type { DeedDone, HistoryRow, WordingOf } from "./api";
import { t, tn } from "../words/words";

/** So many deeds of a row are told one by one. */
const MOST_TOLD = 3;

const LONGEST = 60;

/** How the thing reads of which a deed speaks. */
export function called({ kind, field }: Pick<DeedDone, "kind" | "field">, { label, value, text }: WordingOf): string {
  if (kind === "span") return `“${short(text ?? "")}” · ${label ?? ""}`;
  const answer = label ?? (typeof value === "number" || typeof value === "string" ? String(value) : "");
  return field ? `${field}: ${answer}` : answer;
}

export function deedWords(deed: DeedDone): string {
  const what = called(deed, deed);
  const said = short(deed.text ?? "");
  switch (deed.verb) {
    case "added":
      return deed.kind === "span" ? t("added {what}", { what }) : t("answered {what}", { what });
    case "suggested":
      return deed.score === null ? t("suggested {what}", { what }) : t("suggested {what}, {score}", { what, score: deed.score.toFixed(2) });
    case "imported":
      return t("imported {what}", { what });
    case "deleted":
      return deed.kind === "span" ? t("deleted {what}", { what }) : t("took back {what}", { what });
    case "restored":
      return t("restored {what}", { what });
    case "relabelled":
      if (deed.kind === "span" && deed.was?.text === deed.text) return t("changed “{text}” from {was} to {now}", { text: said, was: deed.was.label ?? "", now: deed.label ?? "" });
      return t("changed {was} to {what}", { was: deed.was ? called(deed, deed.was) : "", what });
    case "changed":
      return t("changed {was} to {what}", { was: deed.was ? called(deed, deed.was) : "", what });
    case "accepted":
      return t("accepted {what}", { what });
    case "rejected":
      return t("rejected {what}", { what });
    case "undecided":
      return t("took back the decision on {what}", { what });
    case "wrote":
      return deed.field ? t("wrote in {field}", { field: deed.field }) : t("wrote a transcript");
    case "commented":
      return t("commented: “{said}”", { said });
    case "answered":
      return t("answered: “{said}”", { said });
    case "edited comment":
      return t("edited a comment: “{said}”", { said });
    case "deleted comment":
      return t("deleted a comment: “{said}”", { said });
    case "resolved":
      return t("resolved the thread “{said}”", { said });
    case "reopened thread":
      return t("reopened the thread “{said}”", { said });
    case "submitted":
      return t("submitted the task");
    case "skipped":
      return t("skipped the task");
    case "reopened":
      return t("reopened the task");
    case "forgotten":
      return t("What was done until then is kept no more.");
    default:
      return deed.verb;
  }
}

/** The lines of a row: few deeds each by itself, many by how many there are of each sort. */
export function rowWords({ deeds, more }: Pick<HistoryRow, "deeds" | "more">): string[] {
  if (deeds.length + more <= MOST_TOLD) return deeds.map(deedWords);
  const sorts = new Map<string, number>();
  for (const { verb } of deeds) sorts.set(verb, (sorts.get(verb) ?? 0) + 1);
  const lines = [...sorts].map(([verb, count]) => (count === 1 ? deedWords(first(deeds, verb)) : many(verb, count)));
  return more ? [...lines, tn(more, "and one more", "and {n} more")] : lines;
}

function first(deeds: readonly DeedDone[], verb: string): DeedDone {
  return deeds.find((deed) => deed.verb === verb) as DeedDone;
}

function many(verb: string, n: number): string {
  switch (verb) {
    case "added":
      return tn(n, "added one label", "added {n} labels");
    case "suggested":
      return tn(n, "made one suggestion", "made {n} suggestions");
    case "imported":
      return tn(n, "imported one label", "imported {n} labels");
    case "deleted":
      return tn(n, "deleted one label", "deleted {n} labels");
    case "restored":
      return tn(n, "restored one label", "restored {n} labels");
    case "accepted":
      return tn(n, "accepted one", "accepted {n}");
    case "rejected":
      return tn(n, "rejected one", "rejected {n}");
    default:
      return tn(n, "changed one label", "changed {n} labels");
  }
}

function short(words: string): string {
  const line = words.replace(/\s+/g, " ").trim();
  return line.length > LONGEST ? `${Array.from(line).slice(0, LONGEST - 1).join("").trimEnd()}…` : line;
}
