/** How long runs and steps take: what is usual, what is slow, and a scale to draw it on. */

import { duration } from "./format.ts";

/** The value that this share of all does not exceed; null for none. */
export function percentile(values: number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? 0;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}

export interface Usual {
  step: string;
  count: number;
  p50: number | null;
  p95: number | null;
  longest: number | null;
}

interface Measured {
  cells: string;
  durations: (number | null)[] | null;
}

/** Per step, over those runs in which it completed. */
export function usual(steps: { name: string }[], runs: Measured[]): Usual[] {
  return steps.map(({ name }, row) => {
    const values = runs.flatMap((run) => {
      const seconds = run.durations?.[row];
      return run.cells[row] === "c" && seconds !== null && seconds !== undefined ? [seconds] : [];
    });
    return {
      step: name, count: values.length, p50: percentile(values, 0.5), p95: percentile(values, 0.95),
      longest: values.length === 0 ? null : Math.max(...values),
    };
  });
}

/** What lines of a scale stand at. */
const UNITS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
  3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800,
];

/** Lines of a scale from 0: at most `most` of them, at times that people count in. */
export function ticks(highest: number, most: number): number[] {
  if (!(highest > 0)) return [0];
  const largest = UNITS.at(-1) ?? 1;
  const unit = UNITS.find((one) => highest / one <= most) ?? Math.ceil(highest / most / largest) * largest;
  return Array.from({ length: Math.ceil(highest / unit - 1e-9) + 1 }, (_, index) => index * unit);
}

const ROUND = [
  ...[0.001, 0.01, 0.1, 1].flatMap((power) => [1, 2, 3, 5].map((one) => one * power)),
  ...[10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 450, 600, 900, 1200, 1800, 2700],
  ...[1, 1.5, 2, 3, 4, 6, 9, 12, 18, 24, 36, 48, 72, 120, 168].map((hours) => hours * 3600),
];

/** The next round time at or above a duration: for scales that seldom change. */
export function roundUp(seconds: number): number {
  if (!(seconds > 0)) return 1;
  const largest = ROUND.at(-1) ?? 1;
  return ROUND.find((one) => one >= seconds * 0.999999) ?? Math.ceil(seconds / largest) * largest;
}

/** A round time in short: `5 min`, not `5 min 00 s`. */
export function brief(seconds: number): string {
  return duration(seconds).replace(/ 00 (s|min)$/, "").replace(/\.0 s$/, " s");
}

const BUCKETS = 192;
const PER_DOUBLING = 4;
const LOWEST = 64; // a bucket for 2 ** (-64 / 4): 15 microseconds

/** What nearly all of many durations stay within, to a fifth: counted, not sorted. */
export class Spread {
  private readonly counts = new Uint32Array(BUCKETS);
  private all = 0;

  add(seconds: number): void {
    if (!(seconds >= 0)) return;
    const bucket = Math.ceil(Math.log2(Math.max(seconds, 1e-9)) * PER_DOUBLING) + LOWEST;
    const at = Math.max(0, Math.min(BUCKETS - 1, bucket));
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.all++;
  }

  /** 0 of none. */
  within(share: number): number {
    let left = Math.ceil(this.all * share);
    for (let at = 0; left > 0 && at < BUCKETS; at++) {
      left -= this.counts[at] ?? 0;
      if (left <= 0) return 2 ** ((at - LOWEST) / PER_DOUBLING);
    }
    return 0;
  }
}
