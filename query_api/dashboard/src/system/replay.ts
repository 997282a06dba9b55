/** What came of applying a parked run's events again. */

import type { Parked } from "../api/query.ts";

export interface Outcome {
  mended: boolean;
  text: string;
}

/** What a replay came to, by how the run was parked before and is now; undefined: not done yet. */
export function outcomeOf(before: Parked, now: Parked | undefined, name: string): Outcome | undefined {
  if (now === undefined) return { mended: true, text: `${name} was replayed: it is shown as it is.` };
  const done = now.replay?.done_at;
  if (!done || now.replay?.requested_at === before.replay?.requested_at) return undefined;
  return { mended: false, text: `${name} was replayed and failed again: ${now.replay?.result ?? now.error}` };
}
