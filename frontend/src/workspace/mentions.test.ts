/** Whom a comment mentions, and what is offered while a name is typed. */

import { describe, expect, it } from "vitest";

import { completed, mentionsIn, offered, piecesOf, typedAt } from "./mentions";

const MEMBERS = [
  { user: 1, username: "ann" },
  { user: 2, username: "ben-2" },
  { user: 3, username: "anna" },
  { user: 4, username: "jo.han+x@y.z" },
];

describe("mentions", () => {
  // As in tests/projects/test_comments.py: the server reads what programs write by the same rule.
  it.each([
    ["@ann hi", [1]],
    ["hi @ann, @ben-2!", [1, 2]],
    ["(@ben-2)", [2]],
    ["@ben-22", []],
    ["mail@ann", []],
    ["@@ann", []],
    ["@Ann", []],
    ["@ann.", [1]],
    ["@anna", [3]],
    ["@ann @ann", [1]],
    ["@jo.han+x@y.z?", [4]],
  ])("in %j are whole names of members", (body, wanted) => {
    expect(mentionsIn(body, MEMBERS)).toEqual(wanted);
    expect(mentionsIn(body, [])).toEqual([]);
  });

  it("are pieces of the text, which is all there", () => {
    const pieces = piecesOf("Well, @ann and @nobody.", MEMBERS);
    expect(pieces.map(({ text }) => text)).toEqual(["Well, ", "@ann", " and @nobody."]);
    expect(pieces.map(({ user }) => user)).toEqual([null, 1, null]);
  });
});

describe("a name that is being typed", () => {
  it("begins behind an @ that stands by itself and ends at the caret", () => {
    expect(typedAt("hi @an and more", 6)).toEqual({ at: 3, name: "an" });
    expect(typedAt("hi @", 4)).toEqual({ at: 3, name: "" });
    expect(typedAt("mail@an", 7)).toBeNull();
    expect(typedAt("@an ", 4)).toBeNull();
  });

  it("is offered the names that begin so, then those that hold it", () => {
    expect(offered("an", MEMBERS).map(({ username }) => username)).toEqual(["ann", "anna", "jo.han+x@y.z"]);
    expect(offered("xyz", MEMBERS)).toEqual([]);
    expect(offered("", MEMBERS)).toHaveLength(4);
  });

  it("is completed where it stands, with a space behind it", () => {
    expect(completed("hi @an", { at: 3, name: "an" }, "anna")).toEqual({ body: "hi @anna ", caret: 9 });
    expect(completed("hi @an there", { at: 3, name: "an" }, "anna")).toEqual({ body: "hi @anna there", caret: 9 });
  });
});
