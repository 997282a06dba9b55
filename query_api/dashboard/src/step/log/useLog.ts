import { useEffect, useMemo, useRef, useSyncExternalStore, type RefObject } from "react";
import { get, query } from "../../api/client.ts";
import type { LogPage } from "../../api/query.ts";
import { LogWindow, MOST, type Ask, type Filter } from "./window.ts";

const FOLLOW_MS = 1000;
const AFTER_END_MS = 2500;
/** An attempt that has ended has no more to say when nothing came for so many questions. */
const QUIET = 3;

export interface Log {
  log: LogWindow;
  ask: Ask;
  /** Whether new lines are kept in view: the reader is at the end. */
  pinned: RefObject<boolean>;
}

/** The log of an attempt, opened at `line` or at its end, followed while lines may come. */
export function useLog(path: string, filter: Filter, line: number | null): Log {
  const { search, stream, level } = filter;
  const [log, ask] = useMemo((): [LogWindow, Ask] => {
    const one: Ask = (asked, signal) => get<LogPage>(path + query({ ...asked }), signal);
    return [new LogWindow(one, { search, stream, level }), one];
  }, [path, search, stream, level]);
  const pinned = useRef(line === null);
  const first = useRef(line);
  first.current = line;

  useEffect(() => {
    const begin = () => (first.current === null ? log.openEnd() : log.openAt(first.current));
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    let quiet = 0;
    pinned.current = first.current === null;

    async function follow() {
      const before = log.total;
      if (!log.begun) await begin();
      else if (!document.hidden) {
        if (log.atEnd && (pinned.current || log.lines.length < MOST)) await log.newer();
        else if (!log.filtered) await log.measure();
        quiet = log.total === before ? quiet + 1 : 0;
      }
      const done = log.begun && (!log.open || (log.ended === true && quiet >= QUIET));
      if (!over && !done) timer = setTimeout(() => void follow(), log.ended || log.problem ? AFTER_END_MS : FOLLOW_MS);
    }
    void follow();
    return () => {
      over = true;
      clearTimeout(timer);
      log.close();
    };
  }, [log]);

  useSyncExternalStore(log.watch, () => log.revision);
  return { log, ask, pinned };
}
