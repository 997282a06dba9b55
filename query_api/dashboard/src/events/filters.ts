/** What the explorer looks for: in the address, in the requests, and in what arrives live. */

import type { Following } from "../api/live.ts";
import type { EventItem } from "../api/query.ts";
import type { Changes } from "../route.ts";

/** As the address has them; "" is no filter. */
export interface Filters {
  /** `pages#12` or an id. */
  run: string;
  workflow: string;
  /** What topics begin with. */
  topic: string;
  actor: string;
  correlation: string;
  causation: string;
  /** Moments in ISO 8601, so that a link means the same in every time zone. */
  since: string;
  until: string;
}

export const FILTERS = ["run", "workflow", "topic", "actor", "correlation", "causation", "since", "until"] as const;

export function filtersOf(params: URLSearchParams): Filters {
  return Object.fromEntries(FILTERS.map((name) => [name, params.get(name) ?? ""])) as unknown as Filters;
}

/** The parameters that take all filters away; an open event goes with them. */
export const NO_FILTERS: Changes = Object.fromEntries([...FILTERS, "code", "open"].map((name) => [name, null]));

export function anyFilter(filters: Filters): boolean {
  return FILTERS.some((name) => filters[name] !== "");
}

export type RunSought =
  | { by: "id"; id: string }
  | { by: "number"; workflow: string; number: number }
  | { by: "nothing" }
  | { by: "nonsense" };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Which run `text` names. */
export function runSought(text: string): RunSought {
  const sought = text.trim();
  if (sought === "") return { by: "nothing" };
  if (UUID.test(sought)) return { by: "id", id: sought.toLowerCase() };
  const named = /^(.+)#(\d{1,15})$/.exec(sought);
  if (named) return { by: "number", workflow: named[1] ?? "", number: Number(named[2]) };
  return { by: "nonsense" };
}

/** The filters as parameters of the list of events; `run` is the id that theirs names. */
export function listParams(filters: Filters, run: string | null): Record<string, string | null> {
  return { ...filters, run };
}

/** The same for the live stream; null where nothing more can come: the span has an end. */
export function streamParams(filters: Filters, run: string | null): Following | null {
  if (filters.until !== "") return null;
  const following: Following = {};
  if (run !== null) following.run = run;
  for (const name of ["workflow", "topic", "actor", "correlation"] as const)
    if (filters[name] !== "") following[name] = filters[name];
  return following;
}

/**
 * Whether an event that arrived belongs to the list. The stream has looked at most of it;
 * the rest (causation, times) it does not know.
 */
export function takes(filters: Filters, run: string | null, event: EventItem): boolean {
  return (
    (run === null || event.stream_id === run) &&
    (filters.workflow === "" || event.workflow === filters.workflow) &&
    event.topic.startsWith(filters.topic) &&
    (filters.actor === "" || event.actor === filters.actor) &&
    (filters.correlation === "" || event.correlation_id === filters.correlation.toLowerCase()) &&
    (filters.causation === "" || event.causation_id === filters.causation.toLowerCase()) &&
    (filters.since === "" || Date.parse(event.recorded_at) >= Date.parse(filters.since))
  );
}

/** An ISO moment as `<input type="datetime-local">` has it: the reader's clock, to the second. */
export function toLocalInput(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** The other way; "" where nothing whole has been entered. */
export function fromLocalInput(text: string): string {
  const at = new Date(text);
  return text === "" || Number.isNaN(at.getTime()) ? "" : at.toISOString().replace(".000Z", "Z");
}

/** Topics by what they begin with (`run.step.`), for a choice of one kind or of all of them. */
export function topicGroups(topics: string[]): { prefix: string; topics: string[] }[] {
  const groups = new Map<string, string[]>();
  for (const topic of topics) {
    const prefix = topic.slice(0, topic.lastIndexOf(".") + 1);
    groups.set(prefix, [...(groups.get(prefix) ?? []), topic]);
  }
  return [...groups].map(([prefix, members]) => ({ prefix, topics: members }));
}
