import { useEffect, useState } from "react";
import { query, type Problem } from "../api/client.ts";
import { useLive } from "../api/live.ts";
import type { Review } from "../api/query.ts";
import { useAnswer, type Answered } from "../api/useAnswer.ts";
import { useDeciding } from "../actions/useDeciding.ts";
import { ContentView } from "../parts/Content.tsx";
import { Link } from "../parts/Link.tsx";
import { ProblemNote, Waiting } from "../parts/Problem.tsx";
import { StateLabel } from "../parts/State.tsx";
import { When } from "../parts/Time.tsx";
import { setParams, to, withParams } from "../route.ts";
import { BarredPeople, Decisions, Delegations } from "./Answers.tsx";
import { Changed } from "./Changed.tsx";
import { Decide } from "./Decide.tsx";
import { Earlier } from "./Earlier.tsx";
import { Expiry } from "./Expiry.tsx";
import { Outcome } from "./Outcome.tsx";
import { Subject } from "./Subject.tsx";
import { policyWords } from "./words.ts";
import "./review.css";

/** The review of one iteration, or of the last one; what is shown stays until the reader asks for what is new. */
export function ReviewOf({ runId, step, iteration }: { runId: string; step: string; iteration: string | null }) {
  const answer = useAnswer<Review>(`/runs/${runId}/steps/${encodeURIComponent(step)}/approval${query({ iteration })}`);
  const { shown, newer, load } = usePinned(answer);
  useLive({ run: runId }, answer.data?.position);
  const deciding = useDeciding();
  const [decided, setDecided] = useState<"approved" | "rejected" | null>(null);
  const [settled, settle] = useState<Problem>();
  const { problem } = deciding.commanding;
  const refused = problem?.code === "stale-decision" && problem !== settled ? problem.detail : undefined;

  async function showNow() {
    await answer.refresh();
    load();
    setDecided(null);
    settle(problem);
    setParams({ see: "changes", since: null });
  }

  if (shown === undefined) return answer.problem ? <ProblemNote problem={answer.problem} onRetry={() => void answer.refresh()} /> : <Waiting />;
  const outdated = newer !== undefined || refused !== undefined;
  return (
    <article className="review">
      <Head review={shown} past={iteration !== null} />
      {answer.problem && <ProblemNote problem={answer.problem} />}
      {decided && <Outcome review={shown} decided={decided} />}
      {outdated && <Changed shown={shown} newer={newer} refused={refused} decided={decided !== null} onLoad={() => void showNow()} />}
      <div className="review-body">
        <section className="review-subject" aria-label="What is to be approved">
          {shown.summary && <p className="review-summary">{shown.summary}</p>}
          {shown.redo && <SentBack review={shown} />}
          <Subject review={shown} />
        </section>
        <aside className="review-decide" aria-label="Decision">
          <Decide review={shown} deciding={deciding} outdated={outdated} onDecided={(verb) => {
            setDecided(verb);
            deciding.setComment("");
            deciding.setForm(undefined);
            void answer.refresh();
          }} />
          <Who review={shown} />
        </aside>
        <section className="review-more" aria-label="What else there is to know">
          <h2>The run’s inputs</h2>
          <ContentView content={shown.inputs} open={1} />
          {shown.earlier.length > 0 && <><h2>Earlier iterations</h2><Earlier earlier={shown.earlier} /></>}
        </section>
      </div>
    </article>
  );
}

/**
 * What the reader has before them: an answer of now, kept up to date in all but what is
 * asked. Something else that is asked is `newer`, until it is loaded.
 */
function usePinned({ data, refresh }: Answered<Review>) {
  const [asked, setAsked] = useState(false);
  const [kept, keep] = useState<Review>();
  // What the browser remembers may be of yesterday: nothing is decided about that.
  useEffect(() => void refresh().then(() => setAsked(true)), [refresh]);
  const same = data?.iteration === kept?.iteration && data?.subject_digest === kept?.subject_digest;
  if (asked && data !== undefined && data !== kept && (kept === undefined || same)) keep(data);
  return { shown: kept, newer: kept !== undefined && !same ? data : undefined, load: () => keep(undefined) };
}

function Head({ review, past }: { review: Review; past: boolean }) {
  return (
    <header className="page-head">
      <h1>
        <Link href={to.run(review.workflow, review.number, review.step)}>{review.workflow}#{review.number}</Link> {review.step}
      </h1>
      <StateLabel state={review.state} />
      {review.iteration > 1 && <span className="chip">iteration {review.iteration}</span>}
      <span className="quiet-text">asked by {review.requested_by} <When at={review.requested_at} /></span>
      {review.state === "open" && <Expiry expires={review.expires_at} requested={review.requested_at} counts={review.on_expiry} />}
      {past && (
        <Link href={withParams({ iteration: null, see: null, since: null })}>What is asked now</Link>
      )}
      {review.description && <p className="review-description">{review.description}</p>}
    </header>
  );
}

function SentBack({ review: { redo, iteration } }: { review: Review }) {
  if (redo === null) return null;
  return (
    <div className="review-feedback">
      <p>
        Iteration {iteration}, since {redo.after_rejection ? "the one before was rejected" : `${redo.by} asked to redo ${redo.step}`}
        {redo.feedback ? ":" : "."}
      </p>
      {redo.feedback && <blockquote>{redo.feedback}</blockquote>}
    </div>
  );
}

function Who({ review }: { review: Review }) {
  return (
    <div className="review-who">
      <h2>{review.agreed} of {review.required} agreed{review.rejected > 0 && `, ${review.rejected} of ${review.rejections} disagreed`}</h2>
      <Decisions decisions={review.decisions} />
      <Delegations delegations={review.delegations} />
      <BarredPeople barred={review.barred} />
      <ul className="review-policy">{policyWords(review).map((one) => <li key={one}>{one}</li>)}</ul>
    </div>
  );
}
