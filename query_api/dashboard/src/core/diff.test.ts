import { describe, expect, test } from "vitest";
import { align, diffLines, diffMembers, hunks } from "./diff.ts";

const told = (before: string, after: string) =>
  diffLines(before, after).map((line) => ({ same: " ", gone: "-", new: "+" })[line.is] + line.parts.map((part) => part.text).join(""));

describe("lines", () => {
  test("equal texts have no changes", () => {
    expect(told("a\nb", "a\nb")).toEqual([" a", " b"]);
  });
  test("a line that came, one that went, one that changed", () => {
    expect(told("a\nc", "a\nb\nc")).toEqual([" a", "+b", " c"]);
    expect(told("a\nb\nc", "a\nc")).toEqual([" a", "-b", " c"]);
    expect(told("a\nb\nc", "a\nx\nc")).toEqual([" a", "-b", "+x", " c"]);
  });
  test("of several changes beside each other what is gone stands first", () => {
    expect(told("1\n2\n3\nend", "7\n8\n9\nend")).toEqual(["-1", "-2", "-3", "+7", "+8", "+9", " end"]);
  });
  test("they have the numbers of both texts", () => {
    const lines = diffLines("a\nb", "x\na\nb");
    expect(lines.map((line) => [line.before, line.after])).toEqual([[0, 1], [1, 2], [2, 3]]);
  });
  test("a line that took another's place is told by its words", () => {
    const [gone, added] = diffLines("the total is 7 euro", "the total is 12 euro");
    expect(gone?.parts).toEqual([
      { is: "same", text: "the total is " }, { is: "gone", text: "7" }, { is: "same", text: " euro" },
    ]);
    expect(added?.parts.find((part) => part.is === "new")?.text).toBe("12");
  });
  test("lines with nothing in common are not told by words", () => {
    expect(diffLines("alpha", "beta").map((line) => line.parts.length)).toEqual([1, 1]);
  });
  test("both texts can be read off again, whatever changed", () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    for (let round = 0; round < 300; round++) {
      const text = () => Array.from({ length: random(12) }, () => "abc"[random(3)]).join("\n");
      const [before, after] = [text(), text()];
      const lines = diffLines(before, after);
      const of = (not: string) =>
        lines.filter((line) => line.is !== not).map((line) => line.parts.map((part) => part.text).join("")).join("\n");
      expect(of("new")).toBe(before);
      expect(of("gone")).toBe(after);
    }
  });
  test("the fewest changes are found", () => {
    const steps = align([..."abcabba"], [..."cbabac"]);
    expect(steps.filter((step) => step.is !== "same").length).toBe(5);
  });
  test("texts that have nothing in common cost no endless search", () => {
    const many = (prefix: string) => Array.from({ length: 20_000 }, (_, at) => prefix + at).join("\n");
    const lines = diffLines(many("a"), many("b"));
    expect(lines.length).toBe(40_000);
  });
});

describe("hunks", () => {
  test("what stayed the same is only counted, but for some lines around", () => {
    const text = Array.from({ length: 20 }, (_, at) => `line ${at}`);
    const later = text.with(10, "other");
    expect(hunks(diffLines(text.join("\n"), later.join("\n")), 2).map((one) => ("hidden" in one ? one.hidden : one.lines.length)))
      .toEqual([8, 6, 7]);
  });
});

test("a single line between changes is shown", () => {
  const text = Array.from({ length: 9 }, (_, at) => `line ${at}`);
  const later = text.with(3, "other").with(5, "another");
  expect(hunks(diffLines(text.join("\n"), later.join("\n")), 0)).toHaveLength(3);
});

describe("members", () => {
  test("equal values have no changes, in whatever order", () => {
    expect(diffMembers({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toEqual([]);
  });
  test("each change has its place", () => {
    expect(diffMembers({ a: { "x/y": 1 }, gone: 1 }, { a: { "x/y": 2 }, more: 3 })).toEqual([
      { pointer: "/a/x~1y", is: "changed", before: 1, after: 2 },
      { pointer: "/more", is: "new", after: 3 },
      { pointer: "/gone", is: "gone", before: 1 },
    ]);
  });
  test("an element put in front changes no other one", () => {
    expect(diffMembers([{ n: 1 }, { n: 2 }], [{ n: 0 }, { n: 1 }, { n: 2 }])).toEqual([
      { pointer: "/0", is: "new", after: { n: 0 } },
    ]);
  });
  test("an element that changed is told by its members", () => {
    expect(diffMembers([{ n: 1, t: "a" }, { n: 2 }], [{ n: 1, t: "b" }, { n: 2 }])).toEqual([
      { pointer: "/0/t", is: "changed", before: "a", after: "b" },
    ]);
  });
  test("another kind of value is a change", () => {
    expect(diffMembers({ a: [] }, { a: {} })).toEqual([{ pointer: "/a", is: "changed", before: [], after: {} }]);
    expect(diffMembers(null, 0)).toEqual([{ pointer: "", is: "changed", before: null, after: 0 }]);
  });
});
