/** Where words and sentences begin and end, whatever the script, and how a span grows and shrinks. */

import { describe, expect, it } from "vitest";
import { letterBeside, nextEnd, nextStart, paragraphAt, previousEnd, previousStart, resized, sameWordings, sentenceAt, snapped, wordAt } from "./word_bounds";

const TEXT = "Ada Lovelace met Charles. She wrote notes, twice.\nThen “London”: don't go.";
const said = (range: { from: number; to: number } | null): string | null => range && TEXT.slice(range.from, range.to);
const at = (wording: string): number => TEXT.indexOf(wording);
const range = (wording: string) => ({ from: at(wording), to: at(wording) + wording.length });

describe("words and sentences", () => {
  it("are found at a place, also at their end", () => {
    expect(said(wordAt(TEXT, at("velace")))).toBe("Lovelace");
    expect(said(wordAt(TEXT, at(". She")))).toBe("Charles");
    expect(said(wordAt(TEXT, at("n't")))).toBe("don't");
    expect(wordAt("a  b", 2)).toBeNull();
    expect(said(sentenceAt(TEXT, at("wrote")))).toBe("She wrote notes, twice.");
    expect(said(paragraphAt(TEXT, at("She")))).toBe(TEXT.split("\n")[0]);
    expect(said(paragraphAt(TEXT, at("Then")))).toBe(TEXT.split("\n")[1]);
    expect(said(paragraphAt(TEXT, 0))).toBe(TEXT.split("\n")[0]);
  });

  it("are walked over signs, blanks and lines, and end with the text", () => {
    expect(nextStart(TEXT, at("notes"), "word")).toBe(at("twice"));
    expect(nextStart(TEXT, at("twice"), "word")).toBe(at("Then"));
    expect(nextEnd(TEXT, at(". She"), "word")).toBe(at(" wrote"));
    expect(previousStart(TEXT, at("ondon”"), "word")).toBe(at("London"));
    expect(previousStart(TEXT, at("London"), "word")).toBe(at("Then"));
    expect(previousEnd(TEXT, at(", twice"), "word")).toBe(at(" notes"));
    expect(previousStart(TEXT, 0, "word")).toBe(0);
    expect(nextEnd(TEXT, TEXT.length - 1, "word")).toBe(TEXT.length);
    expect(nextStart(TEXT, at("Ada"), "sentence")).toBe(at("She"));
    expect(nextEnd(TEXT, at("She"), "sentence")).toBe(at("\nThen"));
  });

  it("are found far away, and in a text of one long line", () => {
    const far = `word${" ".repeat(2000)}next`;
    expect(nextStart(far, 0, "word")).toBe(2004);
    expect(previousStart(far, 2004, "word")).toBe(0);
    const long = "abcde ".repeat(100_000);
    expect(nextStart(long, 300_000, "word")).toBe(300_006);
  });

  it("count a picture as a word, and never cut it", () => {
    const text = "go 👩🏽‍🚀 now";
    const picture = wordAt(text, 3);
    expect(picture && text.slice(picture.from, picture.to)).toBe("👩🏽‍🚀");
    expect(letterBeside(text, 3, 1)).toBe(text.indexOf(" now"));
    expect(letterBeside(text, text.indexOf(" now"), -1)).toBe(3);
  });
});

describe("snapped", () => {
  it("widens a selection to the words that it cuts, and to no sign or blank beside them", () => {
    expect(said(snapped(TEXT, range("velace met Char")))).toBe("Lovelace met Charles");
    expect(snapped(TEXT, range("London"))).toEqual(range("London"));
    expect(snapped(TEXT, range("“London”"))).toEqual(range("“London”"));
    expect(said(snapped(TEXT, range("ondo")))).toBe("London");
  });

  it("leaves alone where words have no blanks between them: a dictionary would only guess", () => {
    const text = "東京で山田太郎に会いました。";
    for (let from = 0; from < text.length - 1; from++) expect(snapped(text, { from, to: from + 1 })).toEqual({ from, to: from + 1 });
  });
});

describe("resized", () => {
  it("moves either end by a word or a letter, and leaves something of the span", () => {
    const span = range("Lovelace met");
    expect(said(resized(TEXT, span, "end", "word", 1))).toBe("Lovelace met Charles");
    expect(said(resized(TEXT, span, "end", "word", -1))).toBe("Lovelace");
    expect(said(resized(TEXT, span, "start", "word", -1))).toBe("Ada Lovelace met");
    expect(said(resized(TEXT, span, "start", "word", 1))).toBe("met");
    expect(said(resized(TEXT, span, "end", "letter", -1))).toBe("Lovelace me");
    expect(said(resized(TEXT, span, "start", "letter", -1))).toBe(" Lovelace met");
    expect(resized(TEXT, range("met"), "end", "word", -1)).toBeNull();
    expect(resized(TEXT, range("met"), "start", "word", 1)).toBeNull();
    expect(resized(TEXT, { from: 0, to: 3 }, "start", "letter", -1)).toBeNull();
    expect(resized("ab", { from: 0, to: 1 }, "end", "letter", -1)).toBeNull();
  });
});

describe("sameWordings", () => {
  it("finds a wording wherever it stands by itself, not within longer words", () => {
    const text = "Ann and Anna met Ann, not Joann. Ann's";
    const found = sameWordings(text, "Ann").map(({ from }) => from);
    expect(found).toEqual([0, text.indexOf("Ann,")]);
    expect(sameWordings("one. two.", ".")).toHaveLength(2);
    expect(sameWordings("東京と東京", "東京")).toHaveLength(2);
  });
});
