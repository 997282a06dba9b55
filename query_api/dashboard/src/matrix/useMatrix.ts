import { useMemo, useRef, useSyncExternalStore } from "react";
import { useSession } from "../api/session.ts";
import { Feed, type Asked, type Snapshot } from "./feed.ts";

/** The last few are kept: coming back to the tab shows the matrix at once. */
const kept = new Map<string, Feed>();
const MOST_KEPT = 4;

interface Shown {
  feed: Feed;
  snapshot: Snapshot;
}

/**
 * The grid that is asked for, kept level with what happens while it is shown. Until its first
 * answer is there, what was shown before stays.
 */
export function useMatrix(asked: Asked): Shown {
  const { namespace, name } = useSession();
  const key = JSON.stringify([namespace, name, asked]);
  const feed = useMemo(() => feedOf(key, asked), [key]);
  const snapshot = useSyncExternalStore(feed.subscribe, feed.read);
  const last = useRef<Shown | null>(null);
  if (snapshot.grid !== null || snapshot.problem !== undefined) last.current = { feed, snapshot };
  return last.current ?? { feed, snapshot };
}

function feedOf(key: string, asked: Asked): Feed {
  const feed = kept.get(key) ?? new Feed(asked);
  kept.delete(key);
  kept.set(key, feed);
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value ?? "");
  return feed;
}
