/** Filters of runs: how they stand in the URL, what is asked with them, what bulk takes of them. */

import type { RunFilter } from "../api/command.ts";
import type { RunState } from "../api/query.ts";
import { RUN_STATES } from "../core/states.ts";

const FIELDS = [
  "workflow", "actor", "created_after", "created_before", "number", "version", "observed", "retry", "mine",
  "retry_of", "external_id",
] as const;
export type Field = (typeof FIELDS)[number];

/** As in the URL. Only what is set is there, and only what the API can be asked. */
export interface Filters extends Partial<Record<Field, string>> {
  state: RunState[];
}

/** Beginnings of a time: what the URL may say instead of a moment. */
export const SINCE: Record<string, string> = {
  "1h": "the last hour",
  today: "today",
  "24h": "the last 24 hours",
  "7d": "the last 7 days",
  "30d": "the last 30 days",
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const isTime = (text: string) => text in SINCE || !Number.isNaN(Date.parse(text));
const isNumber = (text: string) => /^[1-9]\d{0,14}$/.test(text);
const isEither = (text: string) => text === "true" || text === "false";
const VALID: Partial<Record<Field, (text: string) => boolean>> = {
  created_after: isTime,
  created_before: isTime,
  number: isNumber,
  version: isNumber,
  observed: isEither,
  retry: isEither,
  mine: (text) => text === "true",
  retry_of: (text) => UUID.test(text),
};

/** What the URL says. A value that makes no sense is left out rather than asked. */
export function filtersOf(params: URLSearchParams): Filters {
  const filters: Filters = { state: RUN_STATES.filter((state) => params.getAll("state").includes(state)) };
  for (const field of FIELDS) {
    const text = params.get(field)?.trim();
    if (text && (VALID[field]?.(text) ?? true)) filters[field] = text;
  }
  return filters;
}

/** The same as parameters, in one order: two filters are equal where these are. */
export function paramsOf(filters: Filters): string {
  const params = new URLSearchParams();
  for (const field of FIELDS) {
    const text = filters[field];
    if (text) params.set(field, text);
  }
  for (const state of RUN_STATES) if (filters.state.includes(state)) params.append("state", state);
  return params.toString();
}

/** Every parameter that a filter may have, taken away: for `setParams`. */
export function cleared(): Record<string, null> {
  return Object.fromEntries([...FIELDS, "state"].map((field) => [field, null]));
}

/** The moment that a time of the URL means now. */
export function momentOf(text: string, now: Date): string {
  if (text === "today") return new Date(now.getFullYear(), now.getMonth(), now.getDate()).toISOString();
  const ago = /^(\d+)([hd])$/.exec(text);
  if (ago && text in SINCE) {
    const hours = Number(ago[1]) * (ago[2] === "d" ? 24 : 1);
    return new Date(now.getTime() - hours * 3_600_000).toISOString();
  }
  return new Date(text).toISOString();
}

/** The query string that the API is asked with. */
export function askedWith(filters: Filters, now: Date): string {
  const params = new URLSearchParams(paramsOf(filters));
  for (const field of ["created_after", "created_before"] as const) {
    const text = filters[field];
    if (text) params.set(field, momentOf(text, now));
  }
  return params.toString();
}

/**
 * The same as a bulk operation takes it, or null where it cannot say all of it: then the
 * runs have to be named one by one.
 */
export function bulkFilter(filters: Filters, now: Date): RunFilter | null {
  if (filters.version || filters.retry || filters.mine) return null;
  const { state, created_after, created_before, number, observed, version, retry, mine, ...plain } = filters;
  const filter: RunFilter = { ...plain };
  if (state.length > 0) filter.state = state;
  if (created_after) filter.created_after = momentOf(created_after, now);
  if (created_before) filter.created_before = momentOf(created_before, now);
  if (number) filter.number = Number(number);
  if (observed) filter.observed = observed === "true";
  return filter;
}

/** A time of the URL as `<input type="datetime-local">` has it, in the reader's zone. */
export function localTime(text: string | undefined, now: Date): string {
  if (!text) return "";
  const date = new Date(momentOf(text, now));
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
