/** How long runs and steps take: what is usual, what is slow, and a scale to draw it on. */

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

const UNITS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800];

/** Lines of a scale from 0: at most `most` of them, at times that people count in. */
export function ticks(highest: number, most: number): number[] {
  if (!(highest > 0)) return [0];
  const largest = UNITS.at(-1) ?? 1;
  const unit = UNITS.find((one) => highest / one <= most) ?? Math.ceil(highest / most / largest) * largest;
  return Array.from({ length: Math.ceil(highest / unit - 1e-9) + 1 }, (_, index) => index * unit);
}
