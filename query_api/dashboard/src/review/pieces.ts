/** What in a subject can be looked at as it is meant: pages, pictures, texts. The rest is a tree. */

import { escaped, isObject } from "../core/diff.ts";

export interface Piece {
  kind: "page" | "picture" | "text";
  /** RFC 6901, in the subject. */
  pointer: string;
  /** Its file's name, where the subject says that; else the members that lead to it. */
  title: string;
  text: string;
}

const DOCUMENT = /^(?:\s|<!--[^]*?-->)*<(?:!doctype\s+html|html|head|body)\b/i;
const TAG = /<[a-z][^>]*>/i;
const PAGE_KEYS = new Set(["html", "preview"]);
const TEXT_KEYS = new Set(["markdown", "md", "text", "body", "message"]);
// No SVG: it is a document of its own, which may carry anything.
const PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=\s]+$/i;
const NAMES = ["name", "file", "filename", "file_name", "path", "title", "url", "slug"];
const FILE = /\.[a-z0-9]{1,8}$/i;
const LONG = 240;
const MOST = 200;

/** The pieces of a subject, in its order; at most 200. */
export function pieces(subject: unknown): Piece[] {
  const found: Piece[] = [];
  look(subject, [], [], found);
  return numbered(found);
}

function look(value: unknown, path: string[], above: unknown[], found: Piece[]): void {
  if (found.length >= MOST) return;
  if (typeof value === "string") {
    const kind = kindOf(value, path.at(-1) ?? "");
    if (kind !== null) found.push({ kind, pointer: path.map((part) => `/${escaped(part)}`).join(""), title: title(path, above), text: value });
  } else if (Array.isArray(value)) value.forEach((one, index) => look(one, [...path, String(index)], [...above, value], found));
  else if (isObject(value)) for (const [name, one] of Object.entries(value)) look(one, [...path, name], [...above, value], found);
}

function kindOf(value: string, name: string): Piece["kind"] | null {
  if (DOCUMENT.test(value)) return "page";
  if (PAGE_KEYS.has(name) && TAG.test(value)) return "page";
  if (/\.html?$/i.test(name) && TAG.test(value)) return "page";
  if (value.startsWith("data:image/")) return PICTURE.test(value) ? "picture" : null;
  if (value.includes("\n") || value.length > LONG || (TEXT_KEYS.has(name) && value !== "") || name === "") return value === "" ? null : "text";
  return null;
}

function title(path: string[], above: unknown[]): string {
  const key = path.at(-1);
  if (key === undefined) return "Text";
  if (FILE.test(key)) return key;
  const holder = above.at(-1);
  if (isObject(holder)) {
    for (const name of NAMES) {
      const said = holder[name];
      if (name !== key && typeof said === "string" && said !== "" && said.length <= 80 && !said.includes("\n")) return said;
    }
  }
  return path.join(" / ");
}

/** Two pieces of one name are told apart by where they stand. */
function numbered(all: Piece[]): Piece[] {
  const times = new Map<string, number>();
  for (const one of all) times.set(one.title, (times.get(one.title) ?? 0) + 1);
  return all.map((one) => ((times.get(one.title) ?? 0) > 1 ? { ...one, title: `${one.title} (${one.pointer})` } : one));
}

/** Source of a page with a line for each tag where it came in very long lines, so that a diff can be read. */
export function sourceLines(text: string): string {
  if (!TAG.test(text) || !text.split("\n").some((line) => line.length > LONG)) return text;
  return text.replace(/>\s*</g, ">\n<");
}

/** References to outputs that lie apart: where they stand in the subject of an approval step. */
export function apart(subject: unknown): { name: string; digest: string }[] {
  if (!isObject(subject)) return [];
  return Object.entries(subject).flatMap(([name, one]) =>
    isObject(one) && Object.keys(one).length === 2 && typeof one.size === "number" &&
      typeof one.digest === "string" && /^[0-9a-f]{64}$/.test(one.digest)
      ? [{ name, digest: one.digest }]
      : [],
  );
}
