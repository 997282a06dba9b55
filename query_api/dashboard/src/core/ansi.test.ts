import { describe, expect, it } from "vitest";
import { marked, pieces, plain } from "./ansi.ts";

describe("colours of a terminal", () => {
  it("takes the sixteen of the palette, and bold", () => {
    expect(pieces("a \x1b[1;31mred\x1b[0m b \x1b[92mbright")).toEqual([
      { text: "a " },
      { text: "red", bold: true, fg: 1 },
      { text: " b " },
      { text: "bright", fg: 10 },
    ]);
  });

  it("takes 256 and true colours, with semicolons and with colons", () => {
    const fg = (text: string) => pieces(text)[0]?.fg;
    expect(fg("\x1b[38;5;9mx")).toBe(9);
    expect(fg("\x1b[38;5;196mx")).toBe("rgb(255, 0, 0)");
    expect(fg("\x1b[38;5;244mx")).toBe("rgb(128, 128, 128)");
    expect(fg("\x1b[38;2;10;20;30mx")).toBe("rgb(10, 20, 30)");
    expect(fg("\x1b[38:2:10:20:30mx")).toBe("rgb(10, 20, 30)");
    expect(fg("\x1b[38;5;999mx")).toBeUndefined();
  });

  it("goes on with what stands behind an extended colour", () => {
    expect(pieces("\x1b[38;5;1;4mx")).toEqual([{ text: "x", fg: 1, underline: true }]);
  });

  it("shows inverse as colours the other way round", () => {
    expect(pieces("\x1b[31;7mx")[0]).toMatchObject({ bg: 1, fg: "var(--bg)" });
  });

  it("leaves out whatever else would steer a terminal", () => {
    expect(plain("a\x1b[2J\x1b[10;5Hb\x1b]0;title\x07c\x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\d\x1b(B\x08\x9b31me\0")).toBe(
      "abclinkde",
    );
    expect(plain("cut off \x1b[31")).toBe("cut off ");
    expect(plain("tab\tand\nline")).toBe("tab\tand\nline");
  });

  it("keeps what a carriage return would write over", () => {
    expect(plain("10 %\r20 %\r\n30 %\r")).toBe("10 %\n20 %\n30 %");
  });

  it("shows characters that reorder text as signs", () => {
    expect(plain("a\u202eb")).toBe("a\ufffdb");
  });
});

describe("marks", () => {
  it("finds what is sought across pieces, in capitals or not", () => {
    const found = marked(pieces("an Er\x1b[31mror, an error"), "error");
    expect(found.filter((piece) => piece.hit).map((piece) => piece.text)).toEqual(["Er", "ror", "error"]);
    expect(found.map((piece) => piece.text).join("")).toBe("an Error, an error");
  });

  it("leaves a line alone that has none", () => {
    const line = pieces("nothing");
    expect(marked(line, "error")).toBe(line);
    expect(marked(line, "")).toBe(line);
  });
});
