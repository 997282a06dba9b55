import { useEffect, useRef } from "react";

/** Call `ask` every so many milliseconds while the page is seen; null: not at all. */
export function useEvery(ms: number | null, ask: () => void): void {
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (ms === null) return;
    const timer = setInterval(() => document.hidden || latest.current(), ms);
    return () => clearInterval(timer);
  }, [ms]);
}
