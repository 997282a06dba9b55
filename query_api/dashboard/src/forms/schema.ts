/** What a JSON Schema (2020-12) asks for, as far as a form can be drawn of it. */

import { isObject } from "../core/diff.ts";

export type Schema = Record<string, unknown>;

export type Kind = "text" | "number" | "integer" | "boolean" | "choice" | "const" | "object" | "list" | "json";

const DEEPEST = 20;

/** The schema with its `$ref` followed and its `allOf` laid over it; references lead within `root`. */
export function resolved(schema: unknown, root: Schema, depth = 0): Schema {
  if (!isObject(schema) || depth > DEEPEST) return {};
  let found: Schema = schema;
  if (typeof schema.$ref === "string") {
    const { $ref, ...own } = schema;
    found = { ...resolved(at($ref as string, root), root, depth + 1), ...own };
  }
  if (!Array.isArray(found.allOf)) return found;
  const { allOf, ...rest } = found;
  return [...allOf, rest].map((one) => resolved(one, root, depth + 1)).reduce(laid, {});
}

function laid(under: Schema, over: Schema): Schema {
  const both = { ...under, ...over };
  if (isObject(under.properties) && isObject(over.properties))
    both.properties = { ...under.properties, ...over.properties };
  if (Array.isArray(under.required) && Array.isArray(over.required))
    both.required = [...new Set([...under.required, ...over.required])];
  return both;
}

/** The place that `#/$defs/money` or `#anchor` names, or nothing. */
function at(reference: string, root: Schema): unknown {
  if (!reference.startsWith("#")) return undefined;
  const pointer = decodeURIComponent(reference.slice(1));
  if (pointer !== "" && !pointer.startsWith("/")) return anchored(root, pointer);
  let found: unknown = root;
  for (const part of pointer.split("/").slice(1)) {
    if (!isObject(found) && !Array.isArray(found)) return undefined;
    found = (found as Record<string, unknown>)[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return found;
}

function anchored(inside: unknown, name: string): unknown {
  if (Array.isArray(inside)) return inside.map((one) => anchored(one, name)).find((one) => one !== undefined);
  if (!isObject(inside)) return undefined;
  if (inside.$anchor === name) return inside;
  return Object.values(inside).map((one) => anchored(one, name)).find((one) => one !== undefined);
}

/** How a value of a schema (already `resolved`) is asked for. */
export function kindOf(schema: Schema): Kind {
  // A yes that must be said is said by a person, not filled in for them.
  if ("const" in schema) return typeof schema.const === "boolean" ? "boolean" : "const";
  if (options(schema) !== null) return "choice";
  if (branches(schema)) return "json";
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((one) => one !== "null");
  if (types.length > 1) return "json";
  switch (types[0]) {
    case "string": return "text";
    case "integer": case "number": case "boolean": return types[0];
    case "object": return members(schema).length > 0 ? "object" : "json";
    case "array": return isObject(schema.items) && !("prefixItems" in schema) ? "list" : "json";
    case undefined:
      return members(schema).length > 0 ? "object" : isObject(schema.items) && !("prefixItems" in schema) ? "list" : "json";
    default: return "json";
  }
}

/** Alternatives that differ in more than which members are required: a form would have to guess. */
function branches(schema: Schema): boolean {
  const all = [schema.oneOf, schema.anyOf].filter(Array.isArray).flat() as unknown[];
  return all.some((one) => !isObject(one) || Object.keys(one).some((name) => name !== "required" && name !== "not"));
}

/** Why it is asked for as JSON text. */
export function whyJson(schema: Schema): string {
  if (branches(schema)) return "It may have one of several shapes, so it is asked for as JSON.";
  if (schema.type === "object") return "Its members are not named beforehand, so it is asked for as JSON.";
  return "It is asked for as JSON: text stands in quotes.";
}

export interface Option {
  value: unknown;
  label: string;
}

/** What may be chosen: an `enum`, or a `oneOf` of constants with titles; null where it is neither. */
export function options(schema: Schema): Option[] | null {
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => ({ value, label: told(value) }));
  const each = schema.oneOf ?? schema.anyOf;
  if (!Array.isArray(each) || each.length === 0) return null;
  if (!each.every((one) => isObject(one) && "const" in one)) return null;
  return (each as Schema[]).map((one) => ({
    value: one.const,
    label: typeof one.title === "string" ? one.title : told(one.const),
  }));
}

export function told(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The members of an object's schema that have names. */
export function members(schema: Schema): [string, unknown][] {
  return isObject(schema.properties) ? Object.entries(schema.properties) : [];
}

export function isRequired(schema: Schema, name: string): boolean {
  return Array.isArray(schema.required) && schema.required.includes(name);
}

/** What is said beside a field: its description, and its limits in words. */
export function hints(schema: Schema): string {
  const said: string[] = [];
  const number = (name: string) => (typeof schema[name] === "number" ? (schema[name] as number) : undefined);
  const range = (least: number | undefined, most: number | undefined, of: string) => {
    if (least !== undefined && most !== undefined) said.push(`${least} to ${most}${of}`);
    else if (least !== undefined) said.push(`at least ${least}${of}`);
    else if (most !== undefined) said.push(`at most ${most}${of}`);
  };
  range(number("minimum"), number("maximum"), "");
  if (number("exclusiveMinimum") !== undefined) said.push(`more than ${number("exclusiveMinimum")}`);
  if (number("exclusiveMaximum") !== undefined) said.push(`less than ${number("exclusiveMaximum")}`);
  if (number("multipleOf") !== undefined) said.push(`a multiple of ${number("multipleOf")}`);
  range(number("minLength"), number("maxLength"), " characters");
  range(number("minItems"), number("maxItems"), " entries");
  if (typeof schema.pattern === "string") said.push(`fits ${schema.pattern}`);
  const limits = said.join(", ");
  const described = typeof schema.description === "string" ? schema.description : "";
  if (!limits) return described;
  const sentence = `${limits.charAt(0).toUpperCase()}${limits.slice(1)}.`;
  return described ? `${described.replace(/[^.!?]$/, "$&.")} ${sentence}` : sentence;
}
