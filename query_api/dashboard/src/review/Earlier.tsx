import type { EarlierQuestion } from "../api/query.ts";
import { Link } from "../parts/Link.tsx";
import { StateLabel } from "../parts/State.tsx";
import { When } from "../parts/Time.tsx";
import { withParams } from "../route.ts";
import { Decisions } from "./Answers.tsx";

/** What was asked before, what people said, and with which feedback it was sent back; the newest first. */
export function Earlier({ earlier }: { earlier: EarlierQuestion[] }) {
  return (
    <ol className="earlier" reversed>
      {earlier.toReversed().map((one) => (
        <li key={one.iteration}>
          <p className="earlier-head">
            <strong>Iteration {one.iteration}</strong>
            <StateLabel state={one.state} />
            <span className="quiet-text">asked by {one.requested_by} <When at={one.requested_at} /></span>
            <Link href={withParams({ iteration: one.iteration, see: null, since: null })}>As it was</Link>
          </p>
          {one.summary && <p className="quiet-text said">{one.summary}</p>}
          <Decisions decisions={one.decisions} />
          {one.sent_back && !one.sent_back.after_rejection && (
            <p>
              Step {one.sent_back.step} was sent back by <strong>{one.sent_back.by}</strong> <When at={one.sent_back.at} />
              {one.sent_back.feedback && ":"}
            </p>
          )}
          {one.sent_back && !one.sent_back.after_rejection && one.sent_back.feedback && <blockquote>{one.sent_back.feedback}</blockquote>}
          {one.closed_because && one.state === "withdrawn" && <p className="quiet-text">{one.closed_because}</p>}
        </li>
      ))}
    </ol>
  );
}
