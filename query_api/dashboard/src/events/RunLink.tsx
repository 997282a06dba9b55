import type { EventItem } from "../api/query.ts";
import { Link } from "../parts/Link.tsx";
import { to } from "../route.ts";
import { streamName } from "./looks.ts";

/** Whose event it is: its run, its workflow, its bulk operation. */
export function RunLink({ event }: { event: EventItem }) {
  const name = streamName(event);
  if (event.workflow !== null && event.number !== null)
    return <Link href={to.run(event.workflow, event.number)} title={name}>{name}</Link>;
  if (event.workflow !== null) return <Link href={to.workflow(event.workflow)} title={name}>{name}</Link>;
  if (event.topic.startsWith("bulk.")) return <Link href={to.bulk(event.stream_id)}>bulk operation</Link>;
  return <Link href={to.events(`run=${event.stream_id}`)}>stream {event.stream_id.slice(0, 8)}</Link>;
}
