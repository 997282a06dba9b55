import type { StepAnswer, StepApproval } from "../api/query.ts";
import { people } from "../core/format.ts";
import { ContentView } from "../parts/Content.tsx";
import { Link } from "../parts/Link.tsx";
import { StateLabel } from "../parts/State.tsx";
import { When } from "../parts/Time.tsx";
import { to } from "../route.ts";

/** What people were asked, what they are shown, who decided. The newest question first. */
export function ApprovalTab({ step }: { step: StepAnswer }) {
  if (step.approvals.length === 0) return <p className="quiet-text">Nobody has been asked yet.</p>;
  return (
    <div className="step-approvals">
      {step.approvals.toReversed().map((approval, index) => (
        <Question key={approval.iteration} approval={approval} step={step} newest={index === 0} />
      ))}
    </div>
  );
}

function Question({ approval, step, newest }: { approval: StepApproval; step: StepAnswer; newest: boolean }) {
  const review = to.review(step.workflow, step.number, step.step) + (newest ? "" : `?iteration=${approval.iteration}`);
  return (
    <section className="step-approval" aria-label={`Question of iteration ${approval.iteration}`}>
      <p className="step-approval-head">
        <StateLabel state={approval.state} />
        <Link href={review}>Review page</Link>
      </p>
      {approval.summary && <p className="step-summary">{approval.summary}</p>}
      <ul className="step-facts">
        <li>asked by {approval.requested_by} <When at={approval.requested_at} /></li>
        <li>of {people(approval.approvers, approval.groups)}</li>
        <li>{approval.agreed} of {approval.required} agreed</li>
        {approval.rejected > 0 && <li>{approval.rejected} of {approval.rejections} rejected</li>}
        {approval.not_own && <li>not one's own</li>}
        {approval.expires_at && (approval.state === "open" || approval.expired) && <li>{approval.expired ? "expired" : `expires, then counts as ${approval.on_expiry === "approve" ? "approved" : "rejected"},`} <When at={approval.expires_at} /></li>}
        {approval.closed_at && approval.decisions.length === 0 && <li>closed <When at={approval.closed_at} />{approval.closed_because && `: ${approval.closed_because}`}</li>}
      </ul>
      {approval.decisions.length > 0 && (
        <ul className="step-decisions">
          {approval.decisions.map((decision) => (
            <li key={`${decision.actor} ${decision.at}`}>
              <StateLabel state={decision.decision} word={`${decision.decision} by ${decision.actor}`} />{" "}
              {decision.on_behalf_of && `in place of ${decision.on_behalf_of} `}
              <span className="quiet-text"><When at={decision.at} /></span>
              {decision.comment && <p className="step-comment">{decision.comment}</p>}
              {decision.form !== null && decision.form !== undefined && <ContentView content={{ value: decision.form }} />}
            </li>
          ))}
        </ul>
      )}
      {approval.delegations.map((one) => (
        <p key={one.at} className="quiet-text">{one.actor} has {one.to} decide <When at={one.at} />{one.comment && `: ${one.comment}`}</p>
      ))}
      <details open={newest}>
        <summary>What they are shown</summary>
        <ContentView content={approval.subject} />
      </details>
    </section>
  );
}
