import { describe, expect, test } from "vitest";
import { apart, pieces, sourceLines } from "./pieces.ts";

const found = (subject: unknown) => pieces(subject).map((one) => [one.kind, one.pointer, one.title]);

describe("pieces", () => {
  test("a page is known by its member's name, or because it is a document", () => {
    expect(found({ html: "<p>Hi</p>" })).toEqual([["page", "/html", "html"]]);
    expect(found({ made: "<!DOCTYPE html><p>Hi" })).toEqual([["page", "/made", "made"]]);
    expect(found({ made: "<!-- by a tool -->\n<html></html>" })[0]?.[0]).toBe("page");
    expect(found({ preview: "no tags" })).toEqual([]);
    expect(found({ short: "<b>5</b>" })).toEqual([]);
  });
  test("it is called as its file is", () => {
    expect(found({ pages: [{ name: "a.html", html: "<p>" }, { file: "b.html", html: "<p>" }] })).toEqual([
      ["page", "/pages/0/html", "a.html"], ["page", "/pages/1/html", "b.html"],
    ]);
    expect(found({ files: { "x/index.html": "<html>" } })).toEqual([["page", "/files/x~1index.html", "x/index.html"]]);
  });
  test("two of one name are told apart", () => {
    expect(found([{ name: "a", html: "<p>" }, { name: "a", html: "<p>" }]).map((one) => one[2])).toEqual([
      "a (/0/html)", "a (/1/html)",
    ]);
  });
  test("pictures are those that cannot carry anything else", () => {
    expect(found({ chart: "data:image/png;base64,iVBORw0K" })).toEqual([["picture", "/chart", "chart"]]);
    expect(found({ chart: "data:image/svg+xml;base64,PHN2Zz4=" })).toEqual([]);
    expect(found({ chart: "data:image/png,<svg onload=alert(1)>" })).toEqual([]);
    expect(found({ chart: "https://example.org/a.png" })).toEqual([]);
  });
  test("texts are those with lines, or named so", () => {
    expect(found("A word")).toEqual([["text", "", "Text"]]);
    expect(found({ markdown: "# Hi", amount: "7", letter: "Dear\nall" })).toEqual([
      ["text", "/markdown", "markdown"], ["text", "/letter", "letter"],
    ]);
  });
  test("what is neither is left to the tree", () => {
    expect(found({ amount: 7, who: null, list: [true], empty: "" })).toEqual([]);
  });
});

test("a page in one line is told by its tags", () => {
  expect(sourceLines("<p>a</p><p>b</p>")).toBe("<p>a</p><p>b</p>");
  const long = `<div>${"<p>word</p>".repeat(40)}</div>`;
  expect(sourceLines(long).split("\n").length).toBe(41 + 1);
});

test("outputs that lie apart are found in what an approval step asks about", () => {
  const digest = "0f".repeat(32);
  expect(apart({ render: { digest, size: 40_000 }, sum: { digest: "short", size: 1 }, x: 1 })).toEqual([{ name: "render", digest }]);
});
