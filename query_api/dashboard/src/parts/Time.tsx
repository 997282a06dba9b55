import { useSyncExternalStore } from "react";
import { distance, duration, moment } from "../core/format.ts";

/** One clock for the whole page: it ticks each second while the page is seen. */
const watchers = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(() => {
    if (document.hidden) return;
    now = Date.now();
    for (const one of watchers) one();
  }, 1000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function read(): number {
  if (timer === undefined) now = Date.now();
  return now;
}

/** Milliseconds, once a second. */
export function useNow(): number {
  return useSyncExternalStore(watch, read);
}

/** `3 min ago`, with the whole moment as title. */
export function When({ at }: { at: string | null | undefined }) {
  const current = useNow();
  if (!at) return null;
  return (
    <time dateTime={at} title={moment(at)}>
      {distance(Date.parse(at), current)}
    </time>
  );
}

/** How long something has gone on since `from`, ticking; or until `to`. */
export function Lasting({ from, to }: { from: string; to?: string | null }) {
  const current = useNow();
  const end = to ? Date.parse(to) : Math.max(current, Date.parse(from));
  return <>{duration((end - Date.parse(from)) / 1000)}</>;
}
