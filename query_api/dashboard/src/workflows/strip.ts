/** The last runs of a workflow as marks: how high each is, and what its title says. */

import type { RecentRun } from "../api/query.ts";
import { distance, duration } from "../core/format.ts";
import { lookOf } from "../core/states.ts";

export interface Mark {
  run: RecentRun;
  /** Of the longest one, 0.12 to 1; null where it has not ended. */
  height: number | null;
}

const LEAST = 0.12;

/** Oldest first, so that the newest stands at the right. */
export function marks(recent: RecentRun[]): Mark[] {
  const longest = Math.max(...recent.map((run) => run.duration_s ?? 0), 0);
  return recent
    .map((run) => ({
      run,
      height: run.duration_s === null ? null : longest > 0 ? Math.max(LEAST, run.duration_s / longest) : LEAST,
    }))
    .reverse();
}

/** `#12 failed after 3 min 20 s, 2 h ago` */
export function markTitle(run: RecentRun, now: number): string {
  const took = run.duration_s === null ? "" : ` after ${duration(run.duration_s)}`;
  return `#${run.number} ${lookOf(run.state).word}${took}, ${distance(Date.parse(run.created_at), now)}`;
}
