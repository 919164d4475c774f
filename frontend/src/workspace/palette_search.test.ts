/** Finding commands and labels by a few letters. */

import { expect, it } from "vitest";
import { matching, type PaletteEntry } from "./palette_search";

function entry(title: string, about: string): PaletteEntry {
  return { id: title, title, about, keys: [], colour: null, run: () => undefined };
}

const ENTRIES = [entry("Person", "Entities"), entry("Übersicht", "Workspace"), entry("Accept the suggestion", "Suggestions"), entry("Accept all suggestions shown", "Suggestions"), entry("Undo what I did", "Task")];
const found = (query: string): string[] => matching(ENTRIES, query).map(({ title }) => title);

it("shows everything in its order where nothing is asked", () => {
  expect(found("  ")).toEqual(ENTRIES.map(({ title }) => title));
});

it("wants every word, wherever it stands, and knows groups", () => {
  expect(found("all accept")).toEqual(["Accept all suggestions shown"]);
  expect(found("entities")).toEqual(["Person"]);
  expect(found("accept nothing")).toEqual([]);
});

it("puts what begins so before what only holds it", () => {
  expect(found("s")[0]).toBe("Accept the suggestion");
  expect(found("un")[0]).toBe("Undo what I did");
});

it("asks for no accents and no capitals", () => {
  expect(found("ubersicht")).toEqual(["Übersicht"]);
  expect(found("PERSON")).toEqual(["Person"]);
});
