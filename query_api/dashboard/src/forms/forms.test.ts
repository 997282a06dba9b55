import { describe, expect, test } from "vitest";
import { errorsAt, errorsWithin, placed } from "./errors.ts";
import { hints, kindOf, options, resolved, type Schema } from "./schema.ts";
import { initialElement, initialValue, localMoment, readJson, readMoment, readNumber, unfinished, Unfinished, withMember } from "./value.ts";

const kind = (schema: Schema) => kindOf(resolved(schema, schema));

describe("a schema", () => {
  test("says how each value is asked for", () => {
    expect(kind({ type: "string" })).toBe("text");
    expect(kind({ type: ["string", "null"] })).toBe("text");
    expect(kind({ type: "integer" })).toBe("integer");
    expect(kind({ enum: ["a", 1] })).toBe("choice");
    expect(kind({ const: 7 })).toBe("const");
    expect(kind({ const: true })).toBe("boolean");
    expect(kind({ properties: { a: {} } })).toBe("object");
    expect(kind({ type: "array", items: { type: "string" } })).toBe("list");
  });
  test("is asked for as JSON where no form can be drawn", () => {
    expect(kind({})).toBe("json");
    expect(kind({ type: ["string", "number"] })).toBe("json");
    expect(kind({ type: "object" })).toBe("json");
    expect(kind({ type: "array", prefixItems: [{}] })).toBe("json");
    expect(kind({ oneOf: [{ type: "string" }, { type: "number" }] })).toBe("json");
  });
  test("with members of which one or the other must be there is still a form", () => {
    expect(kind({ properties: { a: {}, b: {} }, anyOf: [{ required: ["a"] }, { required: ["b"] }] })).toBe("object");
  });
  test("of named constants is a choice", () => {
    expect(options({ oneOf: [{ const: 1, title: "One" }, { const: null }] })).toEqual([
      { value: 1, label: "One" }, { value: null, label: "null" },
    ]);
  });
  test("may refer to places in itself", () => {
    const root = { $defs: { "a/b": { type: "integer", minimum: 1 }, named: { $anchor: "here", type: "boolean" } } };
    expect(resolved({ $ref: "#/$defs/a~1b", title: "N" }, root)).toEqual({ type: "integer", minimum: 1, title: "N" });
    expect(resolved({ $ref: "#here" }, root).type).toBe("boolean");
    expect(resolved({ $ref: "#/nowhere" }, root)).toEqual({});
    expect(resolved({ $ref: "https://example.org/schema" }, root)).toEqual({});
  });
  test("that refers to itself has an end", () => {
    const root: Schema = { $ref: "#" };
    expect(kind(root)).toBe("json");
    const list: Schema = { type: "object", required: ["next"], properties: { next: { $ref: "#" } } };
    expect(() => initialValue(list, list)).not.toThrow();
  });
  test("made of several is the whole of them", () => {
    const whole = resolved({ allOf: [{ properties: { a: {} }, required: ["a"] }, { properties: { b: {} }, required: ["b"] }] }, {});
    expect(Object.keys(whole.properties as object)).toEqual(["a", "b"]);
    expect(whole.required).toEqual(["a", "b"]);
  });
  test("tells its limits in words", () => {
    expect(hints({ description: "In euro", minimum: 1, maximum: 9 })).toBe("In euro. 1 to 9.");
    expect(hints({ maxLength: 3 })).toBe("At most 3 characters.");
    expect(hints({})).toBe("");
  });
});

describe("a form begins", () => {
  test("with defaults and with what must be there", () => {
    const schema = {
      type: "object",
      required: ["agreed", "kind", "who", "lines"],
      properties: {
        agreed: { type: "boolean" },
        kind: { const: "bill" },
        note: { type: "string", default: "none" },
        amount: { type: "integer" },
        who: { type: "object", properties: { name: { type: "string", default: "me" } } },
        other: { type: "object", properties: { name: { type: "string", default: "me" } } },
        lines: { type: "array", minItems: 1, items: { type: "string" } },
      },
    };
    expect(initialValue(schema, schema)).toEqual({
      agreed: false, kind: "bill", note: "none", who: { name: "me" }, lines: [""],
    });
  });
  test("without a yes that must be said", () => {
    const schema = { type: "object", required: ["sure"], properties: { sure: { const: true } } };
    expect(initialValue(schema, schema)).toEqual({ sure: false });
  });
  test("a new entry of a list is never a gap", () => {
    expect(initialElement({ type: "integer" }, {})).toBe(null);
    expect(initialElement({ type: "string" }, {})).toBe("");
  });
});

describe("a value", () => {
  test("keeps the places of its members", () => {
    expect(Object.keys(withMember({ a: 1, b: 2 }, "a", 3))).toEqual(["a", "b"]);
    expect(withMember({ a: 1, b: 2 }, "a", undefined)).toEqual({ b: 2 });
    expect(withMember(undefined, "a", 1)).toEqual({ a: 1 });
  });
  test("of a number is read as people write it, and never by guessing", () => {
    expect(readNumber(" 1.50 ", false)).toBe(1.5);
    expect(readNumber("", false)).toBe(undefined);
    for (const text of ["12,5", "0x10", "1e999", "-", "seven"]) expect(readNumber(text, false)).toBeInstanceOf(Unfinished);
    expect(readNumber("1.5", true)).toBeInstanceOf(Unfinished);
    expect(readNumber("9007199254740993", true)).toBeInstanceOf(Unfinished);
  });
  test("that is none yet is found, and sent as the text that it is", () => {
    const value = { list: [readJson("{"), 1], "a/b": readNumber("x", true) };
    expect(unfinished(value, "#/form").map((error) => error.pointer)).toEqual(["#/form/list/0", "#/form/a~1b"]);
    expect(JSON.stringify(value)).toBe('{"list":["{",1],"a/b":"x"}');
  });
  test("of a moment is in UTC, and shown where the reader is", () => {
    const at = readMoment("2026-11-01T12:30");
    expect(at).toMatch(/Z$/);
    expect(localMoment(at)).toBe("2026-11-01T12:30");
    expect(readMoment("")).toBe(undefined);
    expect(localMoment("soon")).toBe("");
  });
});

describe("errors", () => {
  test("of what is missing stand at its field", () => {
    expect(placed([{ pointer: "#/form", detail: "'amount' is a required property" }])).toEqual([
      { pointer: "#/form/amount", detail: "This is required" },
    ]);
  });
  test("stand at the very field that they are about", () => {
    const errors = [{ pointer: "#/form/a", detail: "too small" }, { pointer: "#/form/a/b", detail: "too long" }];
    expect(errorsAt(errors, "#/form/a")).toEqual(["too small"]);
    expect(errorsWithin(errors, "#/form/a")).toEqual(["too small", "/b: too long"]);
  });
});
