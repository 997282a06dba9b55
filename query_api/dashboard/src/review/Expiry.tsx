import { distance, moment } from "../core/format.ts";
import { useNow } from "../parts/Time.tsx";
import { isUrgent } from "./words.ts";

interface Props {
  expires: string | null;
  requested: string;
  /** What too few answers count as then; left out in lists. */
  counts?: "reject" | "approve" | null;
}

/** How long an approval is open yet; marked where little is left. */
export function Expiry({ expires, requested, counts }: Props) {
  const now = useNow();
  if (expires === null) return null;
  const then = counts ? `, then it counts as ${counts === "approve" ? "a yes" : "a no"}` : "";
  const over = Date.parse(expires) <= now;
  const urgent = isUrgent(expires, requested, now);
  return (
    <time className={urgent ? "expiry urgent" : "expiry"} dateTime={expires} title={moment(expires)}>
      {over ? "has expired" : `expires ${distance(Date.parse(expires), now)}${then}`}
    </time>
  );
}
