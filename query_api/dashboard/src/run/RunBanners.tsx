import type { RunAnswer } from "../api/query.ts";
import { Link } from "../parts/Link.tsx";
import { to, usePlace, withParams } from "../route.ts";

/** What changes how the page is to be read: held, being canceled, behind the log. */
export function RunBanners({ run }: { run: RunAnswer }) {
  usePlace();
  return (
    <>
      {run.degraded && (
        <p className="problem run-banner" role="status">
          <strong>What is shown here is older than the log.</strong> Its events
          {run.degradation && <> from <Link href={to.event(run.degradation.since_position)}>position {run.degradation.since_position}</Link> on</>} could
          not be applied{run.degradation && `: ${run.degradation.error}`}. The run itself goes on, and{" "}
          <Link href={withParams({ tab: "events" })}>its events</Link> are complete. An administrator can have them applied anew, on
          the <Link href={to.system()}>system page</Link>.
        </p>
      )}
      {run.stale && !run.degraded && <p className="note" role="status">The read models are behind: this is not the newest state yet.</p>}
      {run.held && run.state !== "paused" && (
        <p className="note" role="status">Held: what runs goes on to its end, nothing new is started until somebody continues the run.</p>
      )}
      {run.canceling && (
        <p className="note" role="status">Being canceled: waits for {run.active_steps.join(", ") || "its steps"} to stop.</p>
      )}
    </>
  );
}
