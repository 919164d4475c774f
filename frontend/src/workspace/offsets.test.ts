import { describe, expect, it } from "vitest";

import { inPieces, Offsets } from "./offsets";

const TEXTS = {
  plain: "The cat sat.",
  emoji: "👍ab👍👍c",
  zwj: "a👩‍👩‍👧‍👦b👩🏽‍🚀",
  combining: "e\u0301a\u0308 ñ n\u0303",
  rightToLeft: "שלום 👋 עולם، مرحبا",
  crlf: "a\r\nb👍\r\n\r\nc",
  cjk: "東京𠮷野家は𩸽",
  loneHigh: "a\ud83db👍",
  loneLow: "\udc4da👍\udc4d",
  highHighLow: "\ud83d\ud83d\udc4d",
  empty: "",
};

describe("Offsets", () => {
  it.each(Object.entries(TEXTS))("agrees with the code points of %s", (_name, text) => {
    agreesWithCodePoints(text);
  });

  it("agrees with the code points of random texts", () => {
    const random = seeded(7);
    for (let round = 0; round < 300; round += 1) agreesWithCodePoints(randomText(random));
  });

  it("takes the start or the end of a pair that is split", () => {
    const offsets = new Offsets("a👍b");
    expect([offsets.toCodePoint(2), offsets.toCodePoint(2, "up")]).toEqual([1, 2]);
    expect(offsets.spanOf(2, 2)).toEqual({ start: 1, end: 1 });
  });

  it("takes a pair in that a selection touches", () => {
    const offsets = new Offsets("👍ab👍");
    expect(offsets.spanOf(1, 5)).toEqual({ start: 0, end: 4 });
    expect(offsets.spanOf(2, 3)).toEqual({ start: 1, end: 2 });
  });

  it("stays within the text", () => {
    const offsets = new Offsets("a👍");
    expect([offsets.toCodePoint(99), offsets.toUtf16(99), offsets.toUtf16(-3)]).toEqual([2, 3, 0]);
  });

  it("answers alike everywhere in a megabyte of emoji", () => {
    const offsets = new Offsets("👍a".repeat(350_000));
    for (let pair = 0; pair < 350_000; pair += 997) {
      expect([offsets.toCodePoint(pair * 3), offsets.toCodePoint(pair * 3 + 2)]).toEqual([pair * 2, pair * 2 + 1]);
      expect([offsets.toUtf16(pair * 2), offsets.toUtf16(pair * 2 + 1)]).toEqual([pair * 3, pair * 3 + 2]);
    }
  });
});

describe("inPieces", () => {
  it("cuts no pair and loses nothing", () => {
    const random = seeded(3);
    for (let round = 0; round < 200; round += 1) {
      const text = randomText(random);
      const pieces = inPieces(text, 2 + Math.floor(random() * 5));
      expect(pieces.join("")).toBe(text);
      expect(pieces.flatMap((piece) => Array.from(piece))).toEqual(Array.from(text));
    }
  });
});

function agreesWithCodePoints(text: string): void {
  const offsets = new Offsets(text);
  const points = Array.from(text);
  expect(offsets.length).toBe(points.length);
  let utf16 = 0;
  for (let point = 0; point <= points.length; point += 1) {
    expect(offsets.toCodePoint(utf16)).toBe(point);
    expect(offsets.toCodePoint(utf16, "up")).toBe(point);
    expect(offsets.toUtf16(point)).toBe(utf16);
    if (points[point]?.length === 2) expect(offsets.toCodePoint(utf16 + 1)).toBe(point);
    utf16 += points[point]?.length ?? 0;
  }
  expect(offsets.slice(1, 3)).toBe(points.slice(1, 3).join(""));
}

function randomText(random: () => number): string {
  const units = ["a", "é", "e\u0301", "👍", "\ud83d", "\udc4d", "\r\n", "東", "𠮷", "\u200d", "ש"];
  return Array.from({ length: Math.floor(random() * 30) }, () => units[Math.floor(random() * units.length)]).join("");
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
