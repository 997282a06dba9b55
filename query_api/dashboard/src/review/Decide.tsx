import { useRef, useState } from "react";
import type { Review, StepAnswer } from "../api/query.ts";
import { useMay, useSession } from "../api/session.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { ActionButton } from "../actions/ActionButton.tsx";
import { TextField } from "../actions/ActionForm.tsx";
import { DelegateDialog } from "../actions/DelegateDialog.tsx";
import { RedoDialog } from "../actions/RedoDialog.tsx";
import { whyNot } from "../actions/RunDialog.tsx";
import type { Deciding } from "../actions/useDeciding.ts";
import { SchemaForm } from "../forms/SchemaForm.tsx";
import { ProblemNote } from "../parts/Problem.tsx";
import { When } from "../parts/Time.tsx";
import { ifApproved, ifRejected } from "./words.ts";

interface Props {
  review: Review;
  deciding: Deciding;
  /** Something else is asked by now: nothing is decided until that is shown. */
  outdated: boolean;
  onDecided: (verb: "approved" | "rejected") => void;
}

/** What the reader may do about it, and what follows; or why they may not. */
export function Decide({ review, deciding, outdated, onDecided }: Props) {
  const may = review.standing.may_decide;
  return (
    <>
      {may && !outdated && <DecideForm review={review} deciding={deciding} onDecided={onDecided} />}
      {!may && <Standing review={review} />}
      <Others review={review} seen={!outdated} />
    </>
  );
}

function DecideForm({ review, deciding, onDecided }: Omit<Props, "outdated">) {
  const { commanding, errors } = deciding;
  const { busy, problem } = commanding;
  const comment = useRef<HTMLTextAreaElement>(null);
  async function approve() {
    if (!busy && (await deciding.approve(review, review.form !== null))) onDecided("approved");
  }
  async function reject() {
    if (busy) return;
    if (await deciding.reject(review)) onDecided("rejected");
    else if (!deciding.comment.trim()) comment.current?.focus();
  }
  const elsewhere = problem && problem.code !== "stale-decision" && problem.code !== "form-invalid";
  return (
    <form className="decide-form" onSubmit={(event) => {
      event.preventDefault();
      void approve();
    }}>
      {review.standing.in_place_of && <p className="note">You decide in the place of {review.standing.in_place_of}.</p>}
      {review.form && <SchemaForm schema={review.form} value={deciding.form} onChange={deciding.setForm} errors={errors} prefix="#/form" />}
      <TextField ref={comment} label="Comment" value={deciding.comment} onChange={deciding.setComment} />
      <div className="decide-choices">
        <button type="submit" className="primary" aria-busy={busy} aria-describedby="if-approved">Approve</button>
        <p id="if-approved">{ifApproved(review)}</p>
        <button type="button" className="danger" aria-busy={busy} aria-describedby="if-rejected" onClick={() => void reject()}>Reject</button>
        <p id="if-rejected">{ifRejected(review)}</p>
      </div>
      {/* Below the buttons: above, it would push Approve to where Reject has just been clicked. */}
      {deciding.lacks && <p className="field-errors" role="alert">{deciding.lacks}</p>}
      {errors.length > 0 && (!elsewhere || !problem) && <p className="field-errors" role="alert">The form is not filled in as it should be: see above.</p>}
      {elsewhere && <ProblemNote problem={problem} />}
      <p className="hint">A decision is for good. {review.form && "A rejection needs no form. "}{busy && "It is on its way…"}</p>
    </form>
  );
}

/** Why the reader does not decide; of what is over nothing needs to be said here. */
function Standing({ review }: { review: Review }) {
  const { name } = useSession();
  const { why_not: why } = review.standing;
  const mine = review.decisions.find((one) => one.actor === name);
  if (review.state !== "open") {
    return (
      <p>
        It is {review.state}
        {review.closed_at && <>, <When at={review.closed_at} /></>}
        {review.closed_because && `: ${review.closed_because}`}.
      </p>
    );
  }
  if (mine) return <p>You {mine.decision} it <When at={mine.at} />. A decision is for good.</p>;
  return <p>You do not decide about this: {why}.</p>;
}

/** What else can be done: hand it on, or have it done again. */
function Others({ review, seen }: { review: Review; seen: boolean }) {
  const [open, setOpen] = useState<"delegate" | "redo" | null>(null);
  const may = useMay("approver");
  const step = useAnswer<StepAnswer>(may ? `/runs/${review.run_id}/steps/${encodeURIComponent(review.step)}` : null);
  const redo = step.data?.actions.find((one) => one.command === "redo");
  const delegates = review.standing.may_decide && seen;
  const redoes = redo !== undefined && redo.code !== "run-over";
  if (!may || (!delegates && !redoes)) return null;
  return (
    <div className="actions">
      {delegates && <ActionButton onClick={() => setOpen("delegate")}>Delegate</ActionButton>}
      {redoes && <ActionButton whyNot={whyNot(redo)} onClick={() => setOpen("redo")}>Redo</ActionButton>}
      {open === "delegate" && <DelegateDialog run={review} seen={review} onClose={() => setOpen(null)} />}
      {open === "redo" && <RedoDialog run={review} step={review.step} onClose={() => setOpen(null)} />}
    </div>
  );
}
