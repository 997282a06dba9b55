import { useCallback, useEffect, useState } from "react";
import { Problem, send } from "../api/client.ts";
import type { BulkPreview, Preview, RunFilter } from "../api/command.ts";

const TYPING_MS = 300;

export interface Previewed {
  data: BulkPreview | undefined;
  problem: Problem | undefined;
  asking: boolean;
  refresh: () => void;
}

/** What an operation would be about if it started now; asked anew when it is another one. */
export function usePreview(command: Preview["command"] | null, filter: RunFilter | undefined): Previewed {
  const [data, setData] = useState<BulkPreview>();
  const [problem, setProblem] = useState<Problem>();
  const [asking, setAsking] = useState(true);
  const [round, setRound] = useState(0);
  const body = command && filter ? JSON.stringify({ command, filter }) : null;

  useEffect(() => {
    if (body === null) {
      setData(undefined);
      return;
    }
    const abort = new AbortController();
    setAsking(true);
    const timer = setTimeout(async () => {
      try {
        setData(await send<BulkPreview>("/bulk/preview", JSON.parse(body), { signal: abort.signal }));
        setProblem(undefined);
      } catch (error) {
        if (abort.signal.aborted) return;
        setData(undefined);
        setProblem(error instanceof Problem ? error : new Problem(0, "Error", String(error)));
      }
      if (!abort.signal.aborted) setAsking(false);
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [body, round]);
  const refresh = useCallback(() => setRound((before) => before + 1), []);
  return { data, problem, asking, refresh };
}
