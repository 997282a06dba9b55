/** Which approvals are listed: what the address says, and what is asked of the service. */

import { query } from "../api/client.ts";
import type { Approval, EventItem } from "../api/query.ts";

/** `mine`, `group:legal`, `person`, `open`, `decided`. */
export interface Choice {
  of: string;
  person: string;
  workflow: string;
  withheld: boolean;
  cursor: string;
}

export const PAGE = 50;

export function chosen(params: URLSearchParams): Choice {
  return {
    of: params.get("of") ?? "mine",
    person: params.get("for") ?? "",
    workflow: params.get("workflow") ?? "",
    withheld: params.get("withheld") === "true",
    cursor: params.get("cursor") ?? "",
  };
}

/** Where the query API lists them; null while it is not said of whom. */
export function pathOf({ of, person, workflow, withheld, cursor }: Choice): string | null {
  const page = { workflow, limit: PAGE, cursor };
  if (of.startsWith("group:")) return `/approvals${query({ state: "open", group: of.slice("group:".length), ...page })}`;
  switch (of) {
    case "open":
      return `/approvals${query({ state: "open", ...page })}`;
    case "decided":
      return `/approvals${query({ state: ["approved", "rejected", "withdrawn"], ...page })}`;
    case "person":
      return person ? `/approvals${query({ state: "open", for: person, withheld: withheld || null, ...page })}` : null;
    default:
      return `/approvals${query({ state: "open", mine: true, withheld: withheld || null, ...page })}`;
  }
}

/** Whether an event makes the list old: it is about a question, or about a run that is listed (its end closes them). */
export function concerns(items: Approval[] | undefined): (event: EventItem) => boolean {
  const runs = new Set(items?.map((one) => one.run_id));
  return (event) => event.topic.startsWith("run.approval.") || (event.run_id !== null && runs.has(event.run_id));
}

/** What stands beside an approval in a list, in a word or two each. */
export function notes(one: Approval): string[] {
  const said: string[] = [];
  if (one.iteration > 1) said.push(`iteration ${one.iteration}`);
  if (one.asks_form && one.state === "open") said.push("a form");
  if (one.rejected > 0 && one.rejections > 1) said.push(`${one.rejected} of ${one.rejections} disagree`);
  if (one.standing.in_place_of) said.push(`in the place of ${one.standing.in_place_of}`);
  if (one.reminders > 0 && one.state === "open") said.push(one.reminders === 1 ? "reminded" : `reminded ${one.reminders} times`);
  if (one.degraded) said.push("may be behind");
  return said;
}
