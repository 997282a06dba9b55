import { expect, test } from "vitest";
import { filtersOf, paramsOf } from "./filters.ts";
import { BUILT_IN, deleteView, savedViews, saveView } from "./views.ts";

function store(): Pick<Storage, "getItem" | "setItem"> {
  const items = new Map<string, string>();
  return { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => void items.set(key, value) };
}
const ETL = { name: "ETL", params: "workflow=etl" };

test("a view is there again, in its namespace only", () => {
  const kept = store();
  saveView(kept, "main", ETL);
  expect(savedViews(kept, "main")).toEqual([ETL]);
  expect(savedViews(kept, "other")).toEqual([]);
});

test("a view of the same name takes its place", () => {
  const kept = store();
  saveView(kept, "main", ETL);
  const views = saveView(kept, "main", { name: "ETL", params: "workflow=etl2" });
  expect(views).toEqual([{ name: "ETL", params: "workflow=etl2" }]);
});

test("a deleted view is gone", () => {
  const kept = store();
  saveView(kept, "main", ETL);
  expect(deleteView(kept, "main", "ETL")).toEqual([]);
});

test("what somebody else left there is no view", () => {
  const kept = store();
  kept.setItem("views of runs: main", '[1, {"name": "x"}, null]');
  expect(savedViews(kept, "main")).toEqual([]);
  kept.setItem("views of runs: main", "{");
  expect(savedViews(kept, "main")).toEqual([]);
});

test("built-in views are written as filters are, so that the current one is known", () => {
  for (const view of BUILT_IN) expect(paramsOf(filtersOf(new URLSearchParams(view.params)))).toBe(view.params);
});
