/** Keys of one's own: what is in the way, who loses what, and what a kept choice of an older version may be. */

import { beforeEach, describe, expect, it, vi } from "vitest";
import { ALL_COMMANDS, COMMANDS } from "./commands";
import { chordsOf, type Key, Keyboard } from "./keyboard";
import { obstacle, withKey, withoutOwn } from "./own_keys";
import { Preferences } from "./preferences";

const LABELS = [{ hotkey: "1", field: "entities", label: "person" }];

function key(name: string, more: Partial<Key> = {}): Key {
  return { key: name, code: /^[a-z]$/i.test(name) ? `Key${name.toUpperCase()}` : "", altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...more };
}

describe("the usual keys", () => {
  it("are each of one command only", () => {
    const all = ALL_COMMANDS.flatMap((command) => COMMANDS[command].keys);
    expect(all.length).toBe(new Set(all).size);
  });
});

describe("a key of one's own", () => {
  const usual = new Keyboard(LABELS, false);

  it("calls its command, and the usual one does no more", () => {
    const mine = new Keyboard(LABELS, false, withKey({}, usual, "accept", "y"));
    expect(mine.pressed(key("y"), "text")).toEqual({ command: "accept" });
    expect(mine.pressed(key("a"), "text")).toBeNull();
    expect(mine.keys("accept")).toEqual(["Y"]);
  });

  it("is taken from the command that had it, which keeps its others", () => {
    expect(obstacle(usual, "accept", "j")).toEqual({ kind: "command", command: "forward" });
    const mine = new Keyboard(LABELS, false, withKey({}, usual, "accept", "j"));
    expect(mine.pressed(key("j"), "text")).toEqual({ command: "accept" });
    expect(mine.keys("forward")).toEqual(["↓"]);
  });

  it("cannot be a label's, nor what the browser needs", () => {
    expect(obstacle(usual, "accept", "1")).toEqual({ kind: "label", label: LABELS[0] });
    expect(obstacle(usual, "accept", "Tab")).toEqual({ kind: "browser" });
    expect(obstacle(usual, "clear", "Escape")).toBeNull();
    expect(obstacle(usual, "accept", "a")).toBeNull();
    expect(obstacle(usual, "accept", "y")).toBeNull();
  });

  it("moves to Shift where a label of another project has it", () => {
    const elsewhere = new Keyboard([{ hotkey: "y", field: "f", label: "yes" }], false, { accept: ["y"] });
    expect(elsewhere.keys("accept")).toEqual(["⇧Y"]);
    expect(elsewhere.pressed(key("Y", { shiftKey: true }), "text")).toEqual({ command: "accept" });
  });

  it("can be given back", () => {
    expect(withoutOwn({ accept: ["y"], reject: ["z"] }, "accept")).toEqual({ reject: ["z"] });
  });

  it("never works while somebody types, unless it is a chord of a command that does", () => {
    const mine = new Keyboard(LABELS, false, { undo: ["u"], accept: ["Mod+e"], submit: ["Mod+s"] });
    expect(mine.pressed(key("u"), "typing")).toBeNull();
    expect(mine.pressed(key("e", { ctrlKey: true }), "typing")).toBeNull();
    expect(mine.pressed(key("s", { ctrlKey: true }), "typing")).toEqual({ command: "submit" });
  });
});

describe("chordsOf", () => {
  it("names signs as they are typed, and letters by their key", () => {
    expect(chordsOf(key("?", { shiftKey: true, code: "Slash" }))).toEqual(["?"]);
    expect(chordsOf(key("å", { altKey: true, code: "KeyA" }))).toEqual(["Alt+a"]);
    expect(chordsOf(key("ArrowRight", { shiftKey: true, ctrlKey: true }))).toEqual(["Mod+Shift+ArrowRight"]);
    expect(chordsOf(key("Shift", { shiftKey: true }))).toEqual([]);
  });
});

describe("Preferences", () => {
  const kept = new Map<string, string>();
  beforeEach(() => {
    kept.clear();
    vi.stubGlobal("localStorage", { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value) });
  });

  it("are kept for each person, and not by looking at them", () => {
    const ann = new Preferences(1);
    expect(kept.size).toBe(0);
    ann.keys.value = { accept: ["y"] };
    ann.snap.value = false;
    expect([new Preferences(1).keys.value, new Preferences(1).snap.value]).toEqual([{ accept: ["y"] }, false]);
    expect([new Preferences(2).keys.value, new Preferences(2).snap.value]).toEqual([{}, true]);
  });

  it("take of what is kept only what is known", () => {
    kept.set("colabel-preferences/1", JSON.stringify({ keys: { accept: ["y"], nonsense: ["z"], reject: "x", undo: [1] }, snap: "yes" }));
    expect(new Preferences(1).keys.value).toEqual({ accept: ["y"] });
    kept.set("colabel-preferences/1", "not json");
    expect(new Preferences(1).keys.value).toEqual({});
  });
});
