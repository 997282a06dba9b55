import type { Review } from "../api/query.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { SchemaForm } from "../forms/SchemaForm.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import { Link } from "../parts/Link.tsx";
import { Shown } from "../parts/Problem.tsx";
import { ifApproved, ifRejected } from "../review/words.ts";
import { to } from "../route.ts";
import { ActionForm, TextField } from "./ActionForm.tsx";
import { useDeciding, type Seen } from "./useDeciding.ts";

interface Props {
  decision: "approve" | "reject";
  run: { workflow: string; number: number };
  /** What the page shows: if something else is asked by now, the decision is refused. */
  seen: Seen;
  onClose: () => void;
}

/** Approve or reject: what it is about, the consequence, form and comment. */
export function DecideDialog({ decision, run, seen, onClose }: Props) {
  const review = useAnswer<Review>(`/runs/${seen.run_id}/steps/${encodeURIComponent(seen.step)}/approval`);
  const verb = decision === "approve" ? "Approve" : "Reject";
  return (
    <Dialog title={`${verb} ${seen.step} of ${run.workflow}#${run.number}?`} onClose={onClose} wide>
      <Shown of={review}>
        {(found) => <Decide decision={decision} verb={verb} seen={seen} review={found} onClose={onClose} />}
      </Shown>
    </Dialog>
  );
}

function Decide(props: { decision: Props["decision"]; verb: string; seen: Seen; review: Review; onClose: () => void }) {
  const { decision, verb, seen, review, onClose } = props;
  const deciding = useDeciding();
  const schema = decision === "approve" ? review.form : null;
  const changed = review.iteration !== seen.iteration || review.subject_digest !== seen.subject_digest;
  async function submit() {
    const done = decision === "approve" ? await deciding.approve(seen, schema !== null) : await deciding.reject(seen);
    if (done) onClose();
  }
  return (
    <ActionForm verb={verb} danger={decision === "reject"} commanding={deciding.commanding} onClose={onClose} onSubmit={() => void submit()}
      disabled={changed}
      consequence={
        <>
          <p>{decision === "approve" ? ifApproved(review) : ifRejected(review)}</p>
          {review.summary && <blockquote className="decide-summary">{review.summary}</blockquote>}
          <Link href={to.review(review.workflow, review.number, review.step)}>See all of it first</Link>
        </>
      }>
      {changed && <p className="note">This is no longer what is asked: iteration {review.iteration} is. See all of it first.</p>}
      {schema && <SchemaForm schema={schema} value={deciding.form} onChange={deciding.setForm} errors={deciding.errors} prefix="#/form" />}
      <TextField label={decision === "approve" ? "Comment" : "What is wrong with it"} value={deciding.comment} onChange={deciding.setComment}
        autoFocus={schema === null} hint={review.on_reject === "redo" && decision === "reject" ? "The feedback of the next iteration." : "Goes on record with the decision."} />
      {deciding.lacks && <p className="field-errors" role="alert">{deciding.lacks}</p>}
    </ActionForm>
  );
}
