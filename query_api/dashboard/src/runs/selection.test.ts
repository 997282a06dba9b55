import { expect, test } from "vitest";
import { NOTHING, toggled, toggledAll } from "./selection.ts";

const ORDER = ["a", "b", "c", "d", "e"];
const chosen = (selection: { ids: ReadonlySet<string> }) => [...selection.ids].sort().join("");

test("one is chosen, and let go again", () => {
  const one = toggled(NOTHING, "b", ORDER, false);
  expect(chosen(one)).toBe("b");
  expect(chosen(toggled(one, "b", ORDER, false))).toBe("");
});

test("a range goes from the one before, upwards too", () => {
  const from = toggled(NOTHING, "d", ORDER, false);
  expect(chosen(toggled(from, "b", ORDER, true))).toBe("bcd");
});

test("a range lets go as well", () => {
  const all = { ...toggledAll(NOTHING, ORDER), anchor: "b" };
  expect(chosen(toggled(all, "d", ORDER, true))).toBe("ae");
});

test("a range without a beginning is one", () => {
  expect(chosen(toggled(NOTHING, "c", ORDER, true))).toBe("c");
});

test("all that were read are chosen, and let go again", () => {
  const all = toggledAll(NOTHING, ORDER);
  expect(chosen(all)).toBe("abcde");
  expect(toggledAll(all, ORDER)).toBe(NOTHING);
});

test("letting one go of all that fit leaves the others that were read", () => {
  const all = { ids: new Set<string>(), all: true, anchor: null };
  const rest = toggled(all, "c", ORDER, false);
  expect(rest.all).toBe(false);
  expect(chosen(rest)).toBe("abde");
});
