/** Figures become series: nobody who did nothing, nothing lost. */

import { expect, it } from "vitest";
import { grouped, lifted, percent, seriesOf, total, type Bucket, type Person } from "./figures";

const person = (id: number, name: string): Person => ({ id, name, colour: "#000000", done: 0, annotations: 0, decisions: 0 });
const BUCKETS: Bucket[] = [
  { start: "2026-11-20T00:00:00+00:00", done: { "1": 2, "0": 1 } },
  { start: "2026-11-21T00:00:00+00:00", done: {} },
  { start: "2026-11-22T00:00:00+00:00", done: { "1": 3 } },
];

it("gives a series to who did something, and one to accounts that are gone", () => {
  const series = seriesOf(BUCKETS, [person(1, "ann"), person(2, "ben")], "gone");
  expect(series.map(({ name, counts }) => [name, counts])).toEqual([
    ["ann", [2, 0, 3]],
    ["gone", [1, 0, 0]],
  ]);
  expect(total(BUCKETS)).toBe(6);
});

it("mixes colours with white as the style sheet does", () => {
  expect(lifted("#0924ad", 0)).toBe("#0924ad");
  expect(lifted("#000000", 0.6)).toBe("#999999");
});

it("rounds down, so that 100 means all", () => {
  expect(percent(999, 1000)).toBe(99);
  expect(percent(0, 0)).toBe(0);
  expect(grouped(1234567)).toBe("1\u202f234\u202f567");
});
