import { describe, expect, test } from "vitest";
import { appended, levelled, pagesWith, replaced, unseenIn, type Order, type Page } from "./pages.ts";

interface Row {
  n: number;
  word: string;
}

/** Newest first, as runs are. */
const NEWEST: Order<Row> = {
  id: (row) => String(row.n),
  below: (a, b) => a.n < b.n,
  same: (a, b) => a.word === b.word,
};
const BY_NUMBER: Order<Row> = { ...NEWEST, below: (a, b) => a.n > b.n, insert: true };

function rows(...numbers: number[]): Row[] {
  return numbers.map((n) => ({ n, word: "old" }));
}
function list(...pages: number[][]): Page<Row>[] {
  return pages.reduce<Page<Row>[]>(
    (made, numbers, index) =>
      appended(made, index === 0 ? null : `c${index}`, { items: rows(...numbers), next: `c${index + 1}` }, NEWEST),
    [],
  );
}
const numbers = (pages: Page<Row>[]) => pages.map((page) => page.rows.map((row) => row.n));

describe("a list newest first", () => {
  test("takes up no row twice", () => {
    const pages = appended(list([9, 8]), "c1", { items: rows(8, 7), next: null }, NEWEST);
    expect(numbers(pages)).toEqual([[9, 8], [7]]);
  });

  test("changes rows where they stand", () => {
    const before = list([9, 8, 7], [6, 5, 4]);
    const after = levelled(before, "c1", { items: [{ n: 6, word: "new" }, ...rows(5, 4)], next: "c2" }, NEWEST);
    expect(after[1]?.rows.map((row) => row.word)).toEqual(["new", "old", "old"]);
    expect(after[1]?.rows[1]).toBe(before[1]?.rows[1]);
    expect(after[0]).toBe(before[0]);
  });

  test("is the same list where nothing has changed", () => {
    const before = list([9, 8]);
    expect(levelled(before, null, { items: rows(9, 8), next: "c1" }, NEWEST)).toBe(before);
  });

  test("counts new rows and shows none of them", () => {
    const after = levelled(list([9, 8, 7]), null, { items: rows(11, 10, 9), next: "x" }, NEWEST);
    expect(numbers(after)).toEqual([[9, 8, 7]]);
    expect(unseenIn(after)).toBe(2);
    expect(after[0]?.gone.size).toBe(0); // 8 and 7 lie beyond the answer's end
  });

  test("marks rows that fit no longer, and takes the mark away again", () => {
    const marked = levelled(list([9, 8, 7]), null, { items: rows(9, 7, 6), next: "x" }, NEWEST);
    expect([...(marked[0]?.gone ?? [])]).toEqual(["8"]);
    const back = levelled(marked, null, { items: rows(9, 8, 7), next: "x" }, NEWEST);
    expect(back[0]?.gone.size).toBe(0);
  });

  test("does not count a row of the next page as new", () => {
    const after = levelled(list([9, 8], [7, 6]), null, { items: rows(9, 7), next: "x" }, NEWEST);
    expect(unseenIn(after)).toBe(0);
  });

  test("counts a row once that two pages have found", () => {
    let pages = list([9, 7], [5, 3]);
    pages = levelled(pages, null, { items: rows(9, 4), next: "x" }, NEWEST);
    pages = levelled(pages, "c1", { items: rows(5, 4), next: "x" }, NEWEST);
    expect(unseenIn(pages)).toBe(1);
  });

  test("marks all rows gone where nothing fits any more", () => {
    const after = levelled(list([9, 8]), null, { items: [], next: null }, NEWEST);
    expect(after[0]?.gone.size).toBe(2);
  });

  test("shows what became of a row that is gone", () => {
    const after = replaced(list([9, 8]), { n: 8, word: "over" }, NEWEST);
    expect(after[0]?.rows[1]?.word).toBe("over");
  });

  test("finds the pages of rows", () => {
    const pages = list([9, 8], [7, 6], [5, 4]);
    expect(pagesWith(pages, 1, 2).map((page) => page.cursor)).toEqual([null, "c1"]);
    expect(pagesWith(pages, 4, 90).map((page) => page.cursor)).toEqual(["c2"]);
  });
});

describe("a list in a fixed order", () => {
  const begin = (next: string | null) => appended([], null, { items: rows(2, 4, 6), next }, BY_NUMBER);

  test("takes new rows in where they belong, and lets others go", () => {
    const after = levelled(begin(null), null, { items: rows(2, 3, 6), next: null }, BY_NUMBER);
    expect(numbers(after)).toEqual([[2, 3, 6]]);
  });

  test("keeps rows that new ones push off the page", () => {
    const after = levelled(begin("c1"), null, { items: rows(1, 2, 4), next: "x" }, BY_NUMBER);
    expect(numbers(after)).toEqual([[1, 2, 4, 6]]);
  });

  test("goes on by pages where its last page has become too long", () => {
    const after = levelled(begin(null), null, { items: rows(1, 2, 4), next: "more" }, BY_NUMBER);
    expect(numbers(after)).toEqual([[1, 2, 4]]);
    expect(after[0]?.next).toBe("more");
  });
});
