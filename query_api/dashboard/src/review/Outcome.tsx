import type { ApprovalList, Review } from "../api/query.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { Link } from "../parts/Link.tsx";
import { StateLabel } from "../parts/State.tsx";
import { to } from "../route.ts";

/** What a decision has led to, and the next one that waits for the reader. */
export function Outcome({ review, decided }: { review: Review; decided: "approved" | "rejected" }) {
  const inbox = useAnswer<ApprovalList>("/approvals?state=open&mine=true&limit=100");
  const others = inbox.data?.items.filter((one) => one.run_id !== review.run_id || one.step !== review.step);
  const next = others?.at(-1); // the one that has waited longest
  return (
    <div className="note review-outcome" role="status">
      <p><strong>You {decided} it.</strong> {said(review)}</p>
      <p>
        <Link href={to.run(review.workflow, review.number)}>{review.workflow}#{review.number}</Link>{" "}
        is <StateLabel state={review.run_state} />
      </p>
      <p>
        {next ? (
          <>Next: <Link href={to.review(next.workflow, next.number, next.step)}>{next.workflow}#{next.number} {next.step}</Link>
            {others && others.length > 1 && ` and ${others.length - 1} more in `}
            {others && others.length > 1 && <Link href={to.approvals()}>your inbox</Link>}</>
        ) : others && <>Nothing else waits for you. <Link href={to.approvals()}>Inbox</Link></>}
      </p>
    </div>
  );
}

function said(review: Review): string {
  switch (review.state) {
    case "open":
      return `${review.agreed} of ${review.required} agree${review.rejected > 0 ? `, ${review.rejected} of ${review.rejections} disagree` : ""}: it is still open.`;
    case "approved":
      return `Step ${review.step} is approved.`;
    case "rejected":
      return review.on_reject === "redo"
        ? `Step ${review.redoes ?? review.step} is done again, with what was said as its feedback.`
        : `Step ${review.step} is rejected.`;
    case "withdrawn":
      return `It is withdrawn: ${review.closed_because}.`;
  }
}
