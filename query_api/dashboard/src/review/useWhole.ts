import { useEffect, useMemo, useState } from "react";
import { get, Problem } from "../api/client.ts";
import type { Content } from "../api/query.ts";
import { apart } from "./pieces.ts";

export interface Whole {
  /** Undefined until all of it is here. */
  value: unknown;
  problem: Problem | undefined;
}

/**
 * A value with what of it lies apart. `ofNeeds`: it is of an approval step, the outputs of
 * several steps by their names, each of which may lie apart.
 */
export function useWhole(content: Content | null | undefined, ofNeeds: boolean): Whole {
  // By what it says, not by the object: answers that come again are new objects.
  const key = JSON.stringify([content, ofNeeds]);
  const here = useMemo(() => (content && isHere(content, ofNeeds) ? { value: content.value ?? null, problem: undefined } : null), [key]);
  const [found, setFound] = useState<Whole & { of: string }>({ of: "", value: undefined, problem: undefined });
  useEffect(() => {
    if (content === undefined || here !== null) return;
    const abort = new AbortController();
    fetched(content, ofNeeds, abort.signal).then(
      (value) => setFound({ of: key, value, problem: undefined }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const problem = error instanceof Problem ? error : new Problem(0, "Error", String(error));
        setFound({ of: key, value: undefined, problem });
      },
    );
    return () => abort.abort();
  }, [key]);
  return here ?? (found.of === key ? found : { value: undefined, problem: undefined });
}

/** Nothing of it lies apart, as is nearly always so. */
function isHere(content: Content, ofNeeds: boolean): boolean {
  return !content.digest && (!ofNeeds || apart(content.value).length === 0);
}

async function fetched(content: Content | null, ofNeeds: boolean, signal: AbortSignal): Promise<unknown> {
  const at = (digest: string) => get<unknown>(`/contents/${digest}`, signal);
  const value = content?.digest ? await at(content.digest) : (content?.value ?? null);
  if (!ofNeeds) return value;
  const parts = await Promise.all(apart(value).map(async ({ name, digest }) => [name, await at(digest)] as const));
  return parts.length === 0 ? value : { ...(value as object), ...Object.fromEntries(parts) };
}
