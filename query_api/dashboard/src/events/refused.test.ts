import { expect, test } from "vitest";
import type { Refusal, RefusalList } from "../api/query.ts";
import { continued, refreshed } from "./refused.ts";

function page(ids: string, next: string | null): RefusalList {
  const items = [...ids].map((id) => ({ id }) as Refusal);
  return { items, next, position: 1, stale: false, degraded: [] };
}
const ids = (known: { items: readonly Refusal[] }) => known.items.map((one) => one.id).join("");

test("the newest page is joined to what was known, without doubles", () => {
  const known = continued(refreshed(undefined, page("dc", "c")), page("ba", null), "c");
  expect(ids(known)).toBe("dcba");
  expect(refreshed(known, page("dc", "c"))).toBe(known);
  const more = refreshed(known, page("fed", "d"));
  expect([ids(more), more.next]).toEqual(["fedcba", null]);
});

test("a newest page that does not reach what was known begins anew, without a gap", () => {
  const known = refreshed(undefined, page("ba", "a"));
  expect(refreshed(known, page("zy", "y"))).toEqual({ items: page("zy", "y").items, next: "y" });
});

test("a page that comes twice is dropped", () => {
  const known = continued(refreshed(undefined, page("dc", "c")), page("ba", "a"), "c");
  expect(continued(known, page("ba", "a"), "c")).toBe(known);
});
