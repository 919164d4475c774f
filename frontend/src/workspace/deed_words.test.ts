/** Rows of the history in words. */

import { describe, expect, it } from "vitest";
import type { DeedDone } from "./api";
import { deedWords, rowWords } from "./deed_words";

function deed(verb: string, more: Partial<DeedDone> = {}): DeedDone {
  return { verb, annotation: "a", field: "entities", kind: "span", label: "person", value: null, text: "Ada", was: null, backend: null, version: null, score: null, ...more };
}

describe("a deed", () => {
  it("says what was done with which words", () => {
    expect(deedWords(deed("added"))).toBe("added “Ada” · person");
    expect(deedWords(deed("suggested", { score: 0.5 }))).toBe("suggested “Ada” · person, 0.50");
    const was = { label: "place", value: null, text: "Ada" };
    expect(deedWords(deed("relabelled", { was }))).toBe("changed “Ada” from place to person");
    const moved = { label: "person", value: null, text: "Ad" };
    expect(deedWords(deed("changed", { was: moved }))).toBe("changed “Ad” · person to “Ada” · person");
    expect(deedWords(deed("deleted", { kind: "choice", field: "tone", label: "good", text: null }))).toBe("took back tone: good");
    expect(deedWords(deed("added", { kind: "choice", field: "tone", label: "good", text: null }))).toBe("answered tone: good");
    expect(deedWords(deed("added", { kind: "rating", field: "stars", label: null, value: 4, text: null }))).toBe("answered stars: 4");
    expect(deedWords(deed("commented", { kind: null, field: null, label: null, text: "Hm,\n\n" + "x".repeat(80) }))).toBe(`commented: “Hm, ${"x".repeat(55)}…”`);
  });

  it("of many in one row is counted by its sort", () => {
    const several = [deed("deleted"), deed("added"), deed("added"), deed("added")];
    expect(rowWords({ deeds: several, more: 0 })).toEqual(["deleted “Ada” · person", "added 3 labels"]);
    expect(rowWords({ deeds: several.slice(0, 2), more: 0 })).toEqual(["deleted “Ada” · person", "added “Ada” · person"]);
    expect(rowWords({ deeds: several, more: 7 })).toContain("and 7 more");
  });
});
