import { describe, expect, test } from "vitest";
import { askedWith, bulkFilter, filtersOf, localTime, momentOf, paramsOf } from "./filters.ts";

const NOW = new Date("2026-11-05T12:30:00Z");
const of = (text: string) => filtersOf(new URLSearchParams(text));

describe("filters and the URL", () => {
  test("what is written is read again", () => {
    const text = "workflow=etl&actor=ada&created_after=24h&number=7&version=2&observed=false&retry=true&mine=true&state=running&state=failed";
    expect(paramsOf(of(text))).toBe(text);
  });

  test("equal filters have equal parameters, however the URL orders them", () => {
    expect(paramsOf(of("state=failed&state=running&workflow=etl"))).toBe(paramsOf(of("workflow=etl&state=running&state=failed")));
  });

  test("what makes no sense is left out", () => {
    const filters = of("state=gone&number=-1&version=x&observed=maybe&mine=no&created_after=yesterday-ish&retry_of=12&workflow=%20");
    expect(filters).toEqual({ state: [] });
  });

  test("parameters of other things are no filters", () => {
    expect(paramsOf(of("tab=log&workflow=etl"))).toBe("workflow=etl");
  });
});

describe("times", () => {
  test("the last 24 hours are asked for as a moment", () => {
    expect(askedWith(of("created_after=24h"), NOW)).toBe("created_after=2026-11-04T12%3A30%3A00.000Z");
  });

  test("today begins at the reader's midnight", () => {
    const midnight = new Date(momentOf("today", NOW));
    expect([midnight.getHours(), midnight.getMinutes(), midnight.getDate()]).toEqual([0, 0, NOW.getDate()]);
  });

  test("a moment stays one, also in the field for it", () => {
    const there = localTime("2026-11-01T10:00:00Z", NOW);
    expect(new Date(there).toISOString()).toBe("2026-11-01T10:00:00.000Z");
  });
});

describe("what bulk takes", () => {
  test("is all of the filter", () => {
    expect(bulkFilter(of("workflow=etl&state=failed&created_before=2026-11-01T00:00:00Z&observed=true&number=3"), NOW)).toEqual({
      workflow: "etl", state: ["failed"], created_before: "2026-11-01T00:00:00.000Z", observed: true, number: 3,
    });
  });

  test("or nothing, where it has no word for some of it", () => {
    expect(bulkFilter(of("workflow=etl&mine=true"), NOW)).toBeNull();
    expect(bulkFilter(of("version=2"), NOW)).toBeNull();
    expect(bulkFilter(of("retry=false"), NOW)).toBeNull();
  });
});
