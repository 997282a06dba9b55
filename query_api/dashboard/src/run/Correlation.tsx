import type { EventList } from "../api/query.ts";
import { never, useAnswer } from "../api/useAnswer.ts";
import { Link } from "../parts/Link.tsx";
import { to } from "../route.ts";

/** What else belongs to the request that the run began with, where its caller named it. */
export function Correlation({ runId }: { runId: string }) {
  const first = useAnswer<EventList>(`/runs/${runId}/events?after=0&limit=1`, { relevant: never, asOfNow: true });
  const id = first.data?.items[0]?.correlation_id;
  if (!id) return null;
  return <li>correlation <Link href={to.events(`correlation=${encodeURIComponent(id)}`)}><code>{id}</code></Link></li>;
}
