/** The value that a form makes: what it begins with, and how fields read and write it. */

import { escaped, isObject } from "../core/diff.ts";
import type { FieldError } from "../api/query.ts";
import { isRequired, kindOf, members, resolved, type Schema } from "./schema.ts";

/** What stands in a field and is no value yet, such as `12,` in one for numbers. */
export class Unfinished {
  constructor(
    readonly text: string,
    readonly problem: string,
  ) {}

  /** Sent all the same, it is the text: the service says that it does not fit. */
  toJSON(): string {
    return this.text;
  }
}

/** The errors of a form's value that the page knows without asking: fields that are no value yet. */
export function unfinished(value: unknown, pointer: string): FieldError[] {
  if (value instanceof Unfinished) return [{ pointer, detail: value.problem }];
  if (Array.isArray(value)) return value.flatMap((one, index) => unfinished(one, `${pointer}/${index}`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, one]) => unfinished(one, `${pointer}/${escaped(name)}`));
}

const DEEPEST = 8;

/** What an empty form has: defaults, constants, and objects and lists that must be there. */
export function initialValue(schema: unknown, root: Schema, depth = 0): unknown {
  const found = resolved(schema, root);
  if ("default" in found) return structuredClone(found.default);
  if (depth > DEEPEST) return undefined;
  switch (kindOf(found)) {
    case "const":
      return structuredClone(found.const);
    case "boolean":
      return false;
    case "list": {
      const least = typeof found.minItems === "number" ? Math.min(found.minItems, 20) : 0;
      return Array.from({ length: least }, () => initialElement(found.items, root, depth + 1));
    }
    case "object": {
      const value: Record<string, unknown> = {};
      for (const [name, member] of members(found)) {
        const needed = isRequired(found, name) || "default" in resolved(member, root);
        const one = needed ? initialValue(member, root, depth + 1) : undefined;
        if (one !== undefined) value[name] = one;
      }
      return value;
    }
    default:
      return undefined;
  }
}

/** What a new entry of a list begins with; a list has no gaps, so it is never nothing. */
export function initialElement(items: unknown, root: Schema, depth = 0): unknown {
  const value = initialValue(items, root, depth);
  return value === undefined ? (kindOf(resolved(items, root)) === "text" ? "" : null) : value;
}

/** The object with a member set, or taken away where the value is undefined. */
export function withMember(object: unknown, name: string, value: unknown): Record<string, unknown> {
  const { [name]: _, ...rest } = isObject(object) ? object : {};
  if (value === undefined) return rest;
  // In its old place, so that what is sent reads as the form does.
  return isObject(object) && Object.hasOwn(object, name) ? { ...object, [name]: value } : { ...rest, [name]: value };
}

/** What a text in a field for numbers says. Nothing: undefined. */
export function readNumber(text: string, whole: boolean): number | undefined | Unfinished {
  const given = text.trim();
  if (given === "") return undefined;
  const value = Number(given);
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(given) || !Number.isFinite(value))
    return new Unfinished(text, whole ? "This is not a whole number" : "This is not a number; decimals follow a point");
  if (whole && !Number.isInteger(value)) return new Unfinished(text, "This is not a whole number");
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    return new Unfinished(text, "This number is too large to be kept exactly");
  return value;
}

export function readJson(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    return new Unfinished(text, `This is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `2026-11-01T12:00` in the reader's time zone, as fields take it, of a moment; "" where it is none. */
export function localMoment(value: unknown): string {
  const at = typeof value === "string" ? new Date(value) : new Date(NaN);
  if (Number.isNaN(at.getTime())) return "";
  const pad = (part: number) => String(part).padStart(2, "0");
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}T${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

/** The moment (UTC) that such a field says. */
export function readMoment(text: string): string | undefined {
  const at = new Date(text);
  return text === "" || Number.isNaN(at.getTime()) ? undefined : at.toISOString().replace(".000Z", "Z");
}
