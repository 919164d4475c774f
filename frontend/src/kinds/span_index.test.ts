/** Marks by position, how deep they lie, and how they are cut into pieces. */

import { Text } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { compareMarks, DEEPEST, type Mark, MarkIndex } from "./span_index";
import { buildMarks, pieces, tag } from "./span_marks";

function mark(id: string, from: number, to: number, more: Partial<Mark> = {}): Mark {
  return { id, from, to, label: "Person", colour: "#3f6fd8", suggestion: false, score: null, labelRemoved: false, discussed: false, ...more };
}

function indexOf(marks: readonly Mark[]): MarkIndex {
  return new MarkIndex([...marks].sort(compareMarks));
}

describe("MarkIndex", () => {
  it("finds what overlaps, as a search through all would", () => {
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
    const marks = Array.from({ length: 400 }, (_, i) => {
      const from = random(2000);
      return mark(String(i), from, from + 1 + random(i % 50 ? 20 : 900));
    });
    const index = indexOf(marks);
    for (let i = 0; i < 100; i++) {
      const from = random(2000);
      const to = from + random(100);
      const expected = marks.filter((each) => each.from < to && each.to > from).map((each) => each.id);
      expect(index.overlapping(from, to).map((each) => each.id).sort()).toEqual(expected.sort());
    }
  });

  it("puts the shortest first at a position", () => {
    const index = indexOf([mark("outer", 0, 20), mark("inner", 4, 8), mark("beside", 8, 9)]);
    expect(index.at(5).map((each) => each.id)).toEqual(["inner", "outer"]);
    expect(index.at(20)).toEqual([]);
  });

  it("lays inner marks nearer to the text than outer ones", () => {
    const [outer, middle, inner] = [mark("outer", 0, 30), mark("middle", 2, 20), mark("inner", 4, 8)];
    const index = indexOf([outer, middle, inner]);
    expect([inner, middle, outer].map((each) => index.level(each))).toEqual([0, 1, 2]);
  });

  it("lies no deeper than there is room, however many overlap", () => {
    const many = Array.from({ length: 500 }, (_, i) => mark(String(i), i, i + 100));
    const index = indexOf(many);
    expect(Math.max(...many.map((each) => index.level(each)))).toBe(DEEPEST);
  });
});

describe("pieces", () => {
  it("cuts a mark where another crosses it, and names its true ends", () => {
    const a = mark("a", 0, 10);
    const b = mark("b", 5, 15);
    expect(pieces(a, [a, b], [], 0, 100)).toEqual([
      { from: 0, to: 5, starts: true, ends: false },
      { from: 5, to: 10, starts: false, ends: true },
    ]);
    expect(pieces(b, [a, b], [], 0, 100)).toEqual([{ from: 5, to: 15, starts: true, ends: true }]);
  });

  it("has no true ends outside of what is visible", () => {
    expect(pieces(mark("a", 0, 1000), [], [], 100, 200)).toEqual([{ from: 100, to: 200, starts: false, ends: false }]);
  });
});

describe("buildMarks", () => {
  it("cuts at line ends and builds only what is visible", () => {
    const text = Text.of(["one two", "three four", "five"]);
    const shown = buildMarks(text, indexOf([mark("a", 4, 13), mark("b", 19, 22)]), null, 0, 18);
    const ranges: [number, number, string][] = [];
    shown.between(0, text.length, (from, to, value) => void ranges.push([from, to, (value.spec as { attributes: Record<string, string> }).attributes["data-mark"] ?? ""]));
    expect(ranges).toEqual([
      [4, 8, "a"],
      [8, 13, "a"],
    ]);
  });
});

describe("tag", () => {
  it("says label, score and loss in words", () => {
    expect(tag(mark("a", 0, 1, { suggestion: true, score: 0.913 }))).toBe("Person 0.91");
    expect(tag(mark("a", 0, 1, { labelRemoved: true }))).toBe("Person · label removed");
  });
});
