/** What changed between two texts, by lines, and between two JSON values, by members. */

export type Kind = "same" | "gone" | "new";

export interface Step {
  is: Kind;
  /** Places in the earlier and the later list; -1 where it is not in there. */
  before: number;
  after: number;
}

/** Beyond so many differences they are told as a whole: looking for the fewest would take too long. */
const MOST = 1500;

/** How `after` came from `before`, with the fewest steps (Myers). Equal is what has equal keys. */
export function align(before: string[], after: string[]): Step[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const least = Math.min(before.length, after.length) - head;
  while (tail < least && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const steps: Step[] = [];
  for (let at = 0; at < head; at++) steps.push({ is: "same", before: at, after: at });
  const a = before.slice(head, before.length - tail);
  const b = after.slice(head, after.length - tail);
  for (const step of between(a, b))
    steps.push({
      is: step.is,
      before: step.before < 0 ? -1 : step.before + head,
      after: step.after < 0 ? -1 : step.after + head,
    });
  for (let at = tail; at > 0; at--)
    steps.push({ is: "same", before: before.length - at, after: after.length - at });
  return steps;
}

function between(a: string[], b: string[]): Step[] {
  const trace = search(a, b);
  if (trace === null)
    return [
      ...a.map((_, before): Step => ({ is: "gone", before, after: -1 })),
      ...b.map((_, after): Step => ({ is: "new", before: -1, after })),
    ];
  const steps: Step[] = [];
  let [x, y] = [a.length, b.length];
  for (let d = trace.length - 1; d >= 0 && (x > 0 || y > 0); d--) {
    // What round d began with: the furthest places of the round before it.
    const furthest = trace[d] as Int32Array;
    const at = (k: number) => furthest[k + d + 1] ?? -1;
    const k = x - y;
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
    const fromX = d === 0 ? 0 : at(down ? k + 1 : k - 1);
    const fromY = d === 0 ? 0 : fromX - (down ? k + 1 : k - 1);
    while (x > fromX && y > fromY) steps.push({ is: "same", before: --x, after: --y });
    if (d === 0) break;
    if (down) steps.push({ is: "new", before: -1, after: --y });
    else steps.push({ is: "gone", before: --x, after: -1 });
  }
  return steps.reverse();
}

/** For each number of differences the furthest place on each diagonal; null: too many. */
function search(a: string[], b: string[]): Int32Array[] | null {
  const most = Math.min(a.length + b.length, MOST);
  const furthest = new Int32Array(2 * most + 3);
  const middle = most + 1;
  const get = (k: number) => furthest[middle + k] ?? 0;
  const trace: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    trace.push(furthest.slice(middle - d - 1, middle + d + 2));
    for (let k = -d; k <= d; k += 2) {
      let x = k === -d || (k !== d && get(k - 1) < get(k + 1)) ? get(k + 1) : get(k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      furthest[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return trace;
    }
  }
  return null;
}

export interface Line {
  is: Kind;
  /** The line; where one line took the place of another, in parts of which some are the same. */
  parts: { is: Kind; text: string }[];
  /** Line numbers, from 1; 0 where it is not in there. */
  before: number;
  after: number;
}

export function diffLines(before: string, after: string): Line[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  const lines = align(a, b).map((step): Line => ({
    is: step.is,
    parts: [{ is: step.is, text: (step.is === "new" ? b[step.after] : a[step.before]) ?? "" }],
    before: step.before + 1,
    after: step.after + 1,
  }));
  return grouped(lines);
}

/** In each run of changes first what is gone, then what is new; and pairs told by words. */
function grouped(lines: Line[]): Line[] {
  const found: Line[] = [];
  for (let at = 0; at < lines.length; ) {
    const end = nextSame(lines, at);
    const run = lines.slice(at, end);
    const gone = run.filter((line) => line.is === "gone");
    const added = run.filter((line) => line.is === "new");
    if (gone.length === added.length) gone.forEach((line, index) => byWords(line, added[index] as Line));
    found.push(...gone, ...added);
    if (end < lines.length) found.push(lines[end] as Line);
    at = end + 1;
  }
  return found;
}

function nextSame(list: { is: Kind }[], at: number): number {
  let end = at;
  while (end < list.length && list[end]?.is !== "same") end++;
  return end;
}

const LONGEST_LINE = 5000;

function byWords(gone: Line, added: Line): void {
  const [before, after] = [gone.parts[0]?.text ?? "", added.parts[0]?.text ?? ""];
  if (before.length + after.length > LONGEST_LINE) return;
  const split = (text: string) => text.split(/(\s+|[^\p{L}\p{N}_]|\b)/u).filter((part) => part !== "");
  const [a, b] = [split(before), split(after)];
  const steps = align(a, b);
  if (!steps.some((step) => step.is === "same" && /[\p{L}\p{N}]/u.test(a[step.before] ?? ""))) return;
  const side = (list: string[], of: "before" | "after") => {
    const parts: Line["parts"] = [];
    for (const step of steps) {
      if (step[of] < 0) continue;
      const text = list[step[of]] ?? "";
      const last = parts.at(-1);
      if (last?.is === step.is) last.text += text;
      else parts.push({ is: step.is, text });
    }
    return parts;
  };
  gone.parts = side(a, "before");
  added.parts = side(b, "after");
}

export type Hunk = { lines: Line[] } | { hidden: number };

/** Changes with some lines around them; what stayed the same between them is only counted. */
export function hunks(lines: Line[], around = 3): Hunk[] {
  const near = new Uint8Array(lines.length);
  lines.forEach((line, at) => {
    if (line.is !== "same") near.fill(1, Math.max(0, at - around), at + around + 1);
  });
  const found: Hunk[] = [];
  for (let at = 0; at < lines.length; ) {
    let end = at;
    while (end < lines.length && near[end] === near[at]) end++;
    const last = found.at(-1);
    // A single line is shown: to say that it is hidden takes as much room.
    if (!near[at] && end - at > 1) found.push({ hidden: end - at });
    else if (last && "lines" in last) last.lines.push(...lines.slice(at, end));
    else found.push({ lines: lines.slice(at, end) });
    at = end;
  }
  return found;
}

export interface Change {
  /** RFC 6901: `/pages/0/html`; of the later value, where it is in there. */
  pointer: string;
  is: "gone" | "new" | "changed";
  before?: unknown;
  after?: unknown;
}

/** Members that differ, in the order of the later value. Lists are compared by their elements. */
export function diffMembers(before: unknown, after: unknown, pointer = ""): Change[] {
  if (key(before) === key(after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return inLists(before, after, pointer);
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(after), ...Object.keys(before)])];
    return names.flatMap((name): Change[] => {
      const place = `${pointer}/${escaped(name)}`;
      if (!Object.hasOwn(before, name)) return [{ pointer: place, is: "new", after: after[name] }];
      if (!Object.hasOwn(after, name)) return [{ pointer: place, is: "gone", before: before[name] }];
      return diffMembers(before[name], after[name], place);
    });
  }
  return [{ pointer, is: "changed", before, after }];
}

function inLists(before: unknown[], after: unknown[], pointer: string): Change[] {
  const steps = align(before.map(key), after.map(key));
  const found: Change[] = [];
  for (let at = 0; at < steps.length; ) {
    const end = nextSame(steps, at);
    const run = steps.slice(at, end);
    const gone = run.filter((step) => step.is === "gone");
    const added = run.filter((step) => step.is === "new");
    for (let pair = 0; pair < Math.max(gone.length, added.length); pair++) {
      const [from, to] = [gone[pair], added[pair]];
      if (from && to) found.push(...diffMembers(before[from.before], after[to.after], `${pointer}/${to.after}`));
      else if (to) found.push({ pointer: `${pointer}/${to.after}`, is: "new", after: after[to.after] });
      else if (from) found.push({ pointer: `${pointer}/${from.before}`, is: "gone", before: before[from.before] });
    }
    at = end + 1;
  }
  return found;
}

/** Equal for equal values, whatever the order of their members. */
function key(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    isObject(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one,
  ) ?? "";
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member's name as a part of a JSON pointer. */
export function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
