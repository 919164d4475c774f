/** Sentences in other languages, and that the catalogue has all of them. */

import { readdirSync, readFileSync } from "node:fs";
import { afterEach, expect, it } from "vitest";
import german from "./de.json";
import { number, speak, t, tn, type Catalogue } from "./words";

const CATALOGUE: Catalogue = german;

afterEach(() => speak("en"));

it("says English where there is no other catalogue", async () => {
  await speak("eo");
  expect(t("Saved by {who}", { who: "Ann" })).toBe("Saved by Ann");
  expect(tn(1, "{n} task", "{n} tasks")).toBe("1 task");
  expect(tn(1200, "{n} task", "{n} tasks")).toBe("1,200 tasks");
});

it("speaks German, numbers and plurals included", async () => {
  await speak("de-AT");
  expect(t("Undo")).toBe("Rückgängig");
  const refused = (n: number): string => tn(n, "One of your edits was refused and is kept.", "{n} of your edits were refused and are kept.");
  expect(refused(1)).toContain("Eine deiner Änderungen");
  expect(refused(2)).toContain("2 deiner Änderungen");
  await speak("de");
  expect(number(1200)).toBe("1.200");
});

/** Every literal first sentence of t(...), and the form for many of tn(...), in the sources. */
function sentences(): string[] {
  const literal = String.raw`"((?:[^"\\]|\\.)*)"`;
  const calls = [new RegExp(String.raw`\bt\(\s*${literal}`, "g"), new RegExp(String.raw`\btn\([^"]*?${literal}\s*,\s*${literal}`, "g")];
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".test.ts"));
  const found = files.flatMap((name) => {
    const source = readFileSync(`src/${name}`, "utf8");
    return calls.flatMap((call) => [...source.matchAll(call)].map((match) => JSON.parse(`"${match[2] ?? match[1] ?? ""}"`) as string));
  });
  return [...new Set(found)];
}

it("has a German sentence for every English one, with the same values in it", () => {
  const values = (sentence: string): string[] => [...sentence.matchAll(/\{\w+\}/g)].map(([value]) => value).sort();
  const wrong = sentences().filter((english) => {
    const said = CATALOGUE[english];
    const forms = typeof said === "string" ? [said] : Object.values(said ?? {});
    return !forms.length || forms.some((form) => values(form).some((value) => !values(english).includes(value)));
  });
  expect(wrong).toEqual([]);
});

it("has nothing that is said no more", () => {
  const said = new Set(sentences());
  expect(Object.keys(CATALOGUE).filter((english) => !said.has(english))).toEqual([]);
});
