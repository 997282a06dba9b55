import type { Approval } from "../api/query.ts";
import { Link } from "../parts/Link.tsx";
import { StateMark } from "../parts/State.tsx";
import { When } from "../parts/Time.tsx";
import { lookOf } from "../core/states.ts";
import { Expiry } from "../review/Expiry.tsx";
import { to } from "../route.ts";
import { notes } from "./inbox.ts";

/** One approval in a list: what, since when, until when, how far, and what the person may do about it. */
export function Row({ approval, whose }: { approval: Approval; whose: string | null }) {
  const { state, standing } = approval;
  const isOpen = state === "open";
  const people = approval.decisions.map((one) => one.actor).join(", ");
  return (
    <li className="inbox-row">
      <StateMark state={state} title={lookOf(state).word} />
      <Link className="inbox-what" href={address(approval)}>
        <span className="inbox-run">{approval.workflow}#{approval.number}</span> <strong>{approval.step}</strong>
      </Link>
      <span className="inbox-summary">
        {approval.summary || <span className="quiet-text">{isOpen ? `asked by ${approval.requested_by}` : approval.closed_because}</span>}
      </span>
      <span className="inbox-notes">
        {notes(approval).map((note) => <span className="chip" key={note}>{note}</span>)}
        {isOpen && !standing.may_decide && <span className="quiet-text">{withheld(approval, whose)}</span>}
      </span>
      <span className="inbox-agreed">{isOpen ? `${approval.agreed} of ${approval.required} agreed` : people && `${lookOf(state).word} by ${people}`}</span>
      <span className="inbox-asked">{isOpen ? <>asked <When at={approval.requested_at} /></> : <>{lookOf(state).word} <When at={approval.closed_at} /></>}</span>
      <span className="inbox-expires">{isOpen && <Expiry expires={approval.expires_at} requested={approval.requested_at} />}</span>
    </li>
  );
}

/** Of what is over the question itself, since the step may have asked another one. */
function address({ workflow, number, step, iteration, state }: Approval): string {
  const review = to.review(workflow, number, step);
  return state === "open" ? review : `${review}?iteration=${iteration}`;
}

function withheld({ standing }: Approval, whose: string | null): string {
  const who = standing.person === whose ? "You do" : `${standing.person} does`;
  return `${who} not decide: ${standing.why_not}`;
}
