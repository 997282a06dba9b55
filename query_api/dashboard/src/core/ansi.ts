/**
 * Colours of a terminal in a line of text. Only how text looks is taken (SGR: 16, 256 and
 * true colours, bold, dim, italic, underline, inverse); all else that would steer a
 * terminal is left out, so that it can neither hide nor move anything.
 */

export interface Look {
  /** 0 to 15: of the palette; else as CSS has it. */
  fg?: number | string;
  bg?: number | string;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
}

export interface Piece extends Look {
  text: string;
}

// CSI; OSC, DCS, APC, PM and SOS up to their end (or the text's); two-character escapes;
// C1 controls; and controls other than tab and line feed.
const ESCAPE =
  /(?:\x1b\[|\x9b)([0-?]*)[ -/]*([@-~])?|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** Characters that reorder what stands around them: shown as signs, not obeyed. */
const BIDI = /[\u202a-\u202e\u2066-\u2069]/g;

interface Pen extends Look {
  inverse?: boolean;
}

/** The line in pieces of one look each. What a carriage return would write over stays, above. */
export function pieces(line: string): Piece[] {
  const text = line.replace(/\r+(?=\n|$)/g, "").replace(/\r/g, "\n");
  const found: Piece[] = [];
  let pen: Pen = {};
  let from = 0;
  const add = (part: string) => {
    if (part) found.push({ text: part.replace(BIDI, "\ufffd"), ...seen(pen) });
  };
  for (const escape of text.matchAll(ESCAPE)) {
    add(text.slice(from, escape.index));
    from = escape.index + escape[0].length;
    if (escape[2] === "m" && /^[\d;:]*$/.test(escape[1] ?? "")) pen = drawn(pen, escape[1] ?? "");
  }
  add(text.slice(from));
  return found;
}

/** The same without any colour. */
export function plain(text: string): string {
  return pieces(text).map((piece) => piece.text).join("");
}

function seen({ inverse, ...look }: Pen): Look {
  if (!inverse) return look;
  return { ...look, fg: look.bg ?? "var(--bg)", bg: look.fg ?? "var(--text)" };
}

function drawn(before: Pen, codes: string): Pen {
  let pen: Pen = { ...before };
  const values = codes.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
  for (let at = 0; at < values.length; at++) {
    const code = values[at] ?? 0;
    if (code === 38 || code === 48) {
      const [colour, used] = extended(values.slice(at + 1));
      at += used;
      if (colour !== undefined) pen[code === 38 ? "fg" : "bg"] = colour;
    } else pen = simple(pen, code);
  }
  return pen;
}

function simple(pen: Pen, code: number): Pen {
  if (code === 0) return {};
  if (code === 1) return { ...pen, bold: true };
  if (code === 2) return { ...pen, dim: true };
  if (code === 3) return { ...pen, italic: true };
  if (code === 4) return { ...pen, underline: true };
  if (code === 7) return { ...pen, inverse: true };
  if (code === 22) return { ...pen, bold: false, dim: false };
  if (code === 23) return { ...pen, italic: false };
  if (code === 24) return { ...pen, underline: false };
  if (code === 27) return { ...pen, inverse: false };
  if (code >= 30 && code <= 37) return { ...pen, fg: code - 30 };
  if (code >= 90 && code <= 97) return { ...pen, fg: code - 82 };
  if (code === 39) return { ...pen, fg: undefined };
  if (code >= 40 && code <= 47) return { ...pen, bg: code - 40 };
  if (code >= 100 && code <= 107) return { ...pen, bg: code - 92 };
  if (code === 49) return { ...pen, bg: undefined };
  return pen;
}

/** The colour behind 38 or 48, and how many values it took. */
function extended(values: number[]): [number | string | undefined, number] {
  if (values[0] === 5) return [indexed(values[1]), 2];
  if (values[0] === 2) return [rgb(values[1], values[2], values[3]), 4];
  return [undefined, 1];
}

const STEPS = [0, 95, 135, 175, 215, 255];

function indexed(index: number | undefined): number | string | undefined {
  if (index === undefined || index > 255) return undefined;
  if (index < 16) return index;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return rgb(grey, grey, grey);
  }
  const place = index - 16;
  return rgb(STEPS[Math.floor(place / 36)], STEPS[Math.floor(place / 6) % 6], STEPS[place % 6]);
}

function rgb(red?: number, green?: number, blue?: number): string | undefined {
  const parts = [red, green, blue];
  if (parts.some((part) => part === undefined || part > 255)) return undefined;
  return `rgb(${parts.join(", ")})`;
}

/** The pieces with every place of `sought` (in capitals or not) cut out and marked. */
export function marked(line: Piece[], sought: string): (Piece & { hit?: boolean })[] {
  const whole = line.map((piece) => piece.text).join("");
  const lower = whole.toLowerCase();
  const wanted = sought.toLowerCase();
  // Where lower case has another length, places would not fit: mark nothing.
  if (!wanted || lower.length !== whole.length) return line;
  const hits: number[] = [];
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + wanted.length)) hits.push(at);
  if (hits.length === 0) return line;
  const edges = hits.flatMap((at) => [at, at + wanted.length]);
  const found: (Piece & { hit?: boolean })[] = [];
  let begin = 0;
  for (const piece of line) {
    const end = begin + piece.text.length;
    const cuts = [begin, ...edges.filter((edge) => edge > begin && edge < end), end];
    for (let index = 0; index + 1 < cuts.length; index++) {
      const [from, to] = [cuts[index] ?? 0, cuts[index + 1] ?? 0];
      const hit = hits.some((at) => from >= at && from < at + wanted.length);
      found.push({ ...piece, text: piece.text.slice(from - begin, to - begin), ...(hit && { hit }) });
    }
    begin = end;
  }
  return found;
}
