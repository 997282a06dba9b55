import { useEffect, useMemo, useSyncExternalStore } from "react";
import { useSession } from "../api/session.ts";
import { Paged, type Reading } from "./paged.ts";

interface Kept {
  /** Whose list, and which. */
  of: string;
  list: unknown;
}

/** Lists by the step of the browser's history that they were on: back is where one was. */
const kept = new Map<string, Kept>();
const MOST_KEPT = 12;

interface HistoryState {
  list?: string;
}

/**
 * The list at `path`, read by pages. `key` says which list it is, where the path is made anew
 * each time ("the last 24 hours"). Coming back to the page, the list is as it was left.
 */
export function usePaged<T>(key: string, path: () => string, reading: Reading<T>): Paged<T> {
  const { namespace, name } = useSession();
  const of = JSON.stringify([namespace, name, location.pathname, key]);
  const list = useMemo(() => {
    const found = kept.get((history.state as HistoryState | null)?.list ?? "");
    return found?.of === of ? (found.list as Paged<T>) : new Paged<T>(path(), reading);
    // The path and how it is read belong to the key.
  }, [of]);
  useSyncExternalStore(list.watch, list.version);
  useEffect(() => {
    const state = history.state as HistoryState | null;
    const id = state?.list ?? crypto.randomUUID();
    if (state?.list === undefined) history.replaceState({ ...state, list: id }, "");
    kept.delete(id);
    kept.set(id, { of, list });
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value ?? "");
    return list.begin();
  }, [list, of]);
  return list;
}
