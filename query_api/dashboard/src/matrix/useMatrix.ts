import { useMemo, useSyncExternalStore } from "react";
import { useSession } from "../api/session.ts";
import { Feed, type Asked, type Snapshot } from "./feed.ts";

/** The last few are kept: coming back to the tab shows the matrix at once. */
const kept = new Map<string, Feed>();
const MOST_KEPT = 4;

/** The grid that is asked for, kept level with what happens while it is shown. */
export function useMatrix(asked: Asked): { feed: Feed; snapshot: Snapshot } {
  const { namespace, name } = useSession();
  const key = JSON.stringify([namespace, name, asked]);
  const feed = useMemo(() => feedOf(key, asked), [key]);
  return { feed, snapshot: useSyncExternalStore(feed.subscribe, feed.read) };
}

function feedOf(key: string, asked: Asked): Feed {
  const feed = kept.get(key) ?? new Feed(asked);
  kept.delete(key);
  kept.set(key, feed);
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value ?? "");
  return feed;
}
