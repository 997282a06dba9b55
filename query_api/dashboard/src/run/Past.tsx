import type { RunAnswer } from "../api/query.ts";
import { moment } from "../core/format.ts";
import { Link } from "../parts/Link.tsx";
import { setParams, usePlace, withParams } from "../route.ts";

/** The run as it was: after which of its events, and the way to any other moment of it. */
export function Past({ run, newest }: { run: RunAnswer; newest: number }) {
  usePlace();
  const point = run.as_of;
  if (point === null) return null;
  const said = `as it was after event ${point.version} of ${newest}, at ${moment(point.recorded_at)}`;
  return (
    <div className="note run-past" role="status">
      <strong>The run {said}.</strong>
      <input type="range" min={1} max={newest} value={point.version} aria-label="After which of its events" aria-valuetext={said}
        onChange={(event) => setParams({ version: event.target.value })} />
      <Link href={withParams({ version: null })}>Back to now</Link>
    </div>
  );
}
