/** How the list of runs is read and kept level. */

import { get, query } from "../api/client.ts";
import type { RunList, RunSummary } from "../api/query.ts";
import type { Reading } from "../lists/paged.ts";

export const READING: Reading<RunSummary> = {
  limit: 100,
  id: (run) => run.run_id,
  below: (a, b) => {
    const [mine, yours] = [a.created_at.slice(0, -1), b.created_at.slice(0, -1)];
    return mine < yours || (mine === yours && a.run_id < b.run_id);
  },
  same: (a, b) => a.version === b.version && a.state === b.state && a.degraded === b.degraded,
  // A job's event stands beside one of its step.
  relevant: (event) => event.topic.startsWith("run.") && !event.topic.startsWith("run.job."),
  lookUp: async ({ workflow, number }) =>
    (await get<RunList>(`/runs${query({ workflow, number, limit: 1 })}`)).items[0],
};

/** The most that one bulk operation takes. */
export const MOST = 20_000;

/** Ids of all runs that fit, at most one more than a bulk operation takes. */
export async function idsThatFit(asked: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const params = new URLSearchParams(asked);
    params.set("limit", "500");
    if (cursor !== null) params.set("cursor", cursor);
    const page: RunList = await get<RunList>(`/runs?${params.toString()}`);
    ids.push(...page.items.map((run) => run.run_id));
    cursor = page.next;
  } while (cursor !== null && ids.length <= MOST);
  return ids;
}
