/** Keys and what they mean. */

import { describe, expect, it } from "vitest";
import { type Key, Keyboard, type LabelHotkey } from "./keyboard";

const LABELS: LabelHotkey[] = [
  { hotkey: "1", field: "entities", label: "person" },
  { hotkey: "q", field: "sentiment", label: "positive" },
];

function key(name: string, more: Partial<Key> = {}): Key {
  const code = /^[a-z]$/i.test(name) ? `Key${name.toUpperCase()}` : /^\d$/.test(name) ? `Digit${name}` : name;
  return { key: name, code, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...more };
}

describe("Keyboard", () => {
  const keyboard = new Keyboard(LABELS, false);

  it("knows labels' keys and commands' keys", () => {
    expect(keyboard.pressed(key("1"), "text")).toEqual({ label: LABELS[0] });
    expect(keyboard.pressed(key("a"), "text")).toEqual({ command: "accept" });
    expect(keyboard.pressed(key("z", { ctrlKey: true }), "text")).toEqual({ command: "undo" });
    expect(keyboard.pressed(key("Enter", { metaKey: true }), "elsewhere")).toEqual({ command: "submit" });
    expect(keyboard.pressed(key("ArrowRight", { altKey: true }), "text")).toEqual({ command: "next task" });
  });

  it("gives a letter to the label that wants it, and moves the command", () => {
    const taken = new Keyboard([...LABELS, { hotkey: "a", field: "entities", label: "animal" }], false);
    expect(taken.pressed(key("a"), "text")).toEqual({ label: { hotkey: "a", field: "entities", label: "animal" } });
    expect(taken.pressed(key("A", { shiftKey: true }), "text")).toEqual({ command: "accept" });
    expect(taken.keys("accept")).toEqual(["⇧A"]);
  });

  it("does nothing of ours while somebody types", () => {
    for (const name of ["1", "q", "a", "x", "j", "Delete", "Backspace", "?", "ArrowDown"]) {
      expect(keyboard.pressed(key(name), "typing")).toBeNull();
    }
    expect(keyboard.pressed(key("Enter", { ctrlKey: true }), "typing")).toEqual({ command: "submit" });
    expect(keyboard.pressed(key("Escape"), "typing")).toEqual({ command: "clear" });
  });

  it("leaves the arrows to the text's caret, and walks with them elsewhere", () => {
    expect(keyboard.pressed(key("ArrowDown"), "text")).toBeNull();
    expect(keyboard.pressed(key("ArrowDown"), "elsewhere")).toEqual({ command: "forward" });
  });

  it("finds keys on layouts of other scripts and with shifted digits", () => {
    expect(keyboard.pressed(key("ф", { code: "KeyA" }), "text")).toEqual({ command: "accept" });
    expect(keyboard.pressed(key("&", { code: "Digit1" }), "text")).toEqual({ label: LABELS[0] });
  });

  it("leaves the browser its own shortcuts", () => {
    expect(keyboard.pressed(key("a", { ctrlKey: true }), "text")).toBeNull();
    expect(keyboard.pressed(key("1", { ctrlKey: true }), "text")).toBeNull();
    expect(keyboard.pressed(key("1", { altKey: true }), "text")).toBeNull();
  });

  it("gives a key that two labels want to the first", () => {
    const both = new Keyboard([...LABELS, { hotkey: "1", field: "other", label: "late" }], false);
    expect(both.pressed(key("1"), "text")).toEqual({ label: LABELS[0] });
  });
});
