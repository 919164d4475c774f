/** What was refused stays in this browser until somebody drops it. */

import { afterEach, expect, it } from "vitest";
import { keepHints } from "../../tests/kept";
import { RefusedTray } from "./refused_tray";

const REFUSAL = { code: "unknown_label", sentence: "No such label.", annotation: "a", kept: [{ root: "annotations", key: "a", value: { label: "x" } }] };

let takeAway: () => void = () => undefined;

afterEach(() => takeAway());

it("is there again after a reload, with its reason and what was meant", () => {
  takeAway = keepHints();
  const tray = new RefusedTray(1, 7);
  tray.put(REFUSAL);
  const again = new RefusedTray(1, 7);
  expect(again.refused.value).toMatchObject([REFUSAL]);
  expect(again.isKept.value).toBe(true);
  expect(new RefusedTray(2, 7).refused.value).toEqual([]);
});

it("loses nothing that another tab puts in, and drops for both", () => {
  takeAway = keepHints();
  const [here, there] = [new RefusedTray(1, 7), new RefusedTray(1, 7)];
  here.put(REFUSAL);
  there.put({ ...REFUSAL, sentence: "Another one." });
  const both = new RefusedTray(1, 7).refused.value;
  expect(both.map(({ sentence }) => sentence)).toEqual(["No such label.", "Another one."]);
  here.drop(both[1] as never);
  expect(new RefusedTray(1, 7).refused.value).toMatchObject([REFUSAL]);
});

it("says where it cannot be kept, and holds it in the tab", () => {
  const tray = new RefusedTray(1, 7);
  tray.put(REFUSAL);
  tray.put(REFUSAL);
  expect(tray.refused.value).toHaveLength(2);
  expect(tray.isKept.value).toBe(false);
  tray.drop(tray.refused.value[0] as never);
  tray.drop(tray.refused.value[0] as never);
  expect(tray.isKept.value).toBe(true);
});

it("reads nothing that it did not write", () => {
  takeAway = keepHints();
  localStorage.setItem("colabel/refused/1/7", '[{"id": 3}, null, {"id": "x", "sentence": "s", "kept": []}]');
  expect(new RefusedTray(1, 7).refused.value.map(({ id }) => id)).toEqual(["x"]);
  localStorage.setItem("colabel/refused/1/7", "{");
  expect(new RefusedTray(1, 7).refused.value).toEqual([]);
});
