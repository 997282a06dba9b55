import { useState } from "react";
import type { CommandAnswer } from "../api/command.ts";
import type { RetrySafety, RunAnswer } from "../api/query.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { query } from "../api/client.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { ProblemNote } from "../parts/Problem.tsx";
import { navigate, to } from "../route.ts";
import { ActionForm, TextField } from "./ActionForm.tsx";
import { useCommand } from "./useCommand.ts";
import { Verdicts } from "./Verdicts.tsx";

/** Retry: from where, and for each step that would run again whether that is safe. */
export function RetryDialog({ run, onClose }: { run: RunAnswer; onClose: () => void }) {
  const commanding = useCommand();
  const [from, setFrom] = useState(run.state === "completed" ? "start" : "failed");
  const [reason, setReason] = useState("");
  const [accepted, setAccepted] = useState(false);
  const safety = useAnswer<RetrySafety>(`/runs/${run.run_id}/retry-safety${query({ from })}`, { asOfNow: true });
  const found = safety.data;

  async function submit() {
    if (!found) return;
    const body = { retry_from: from, reason, accept_unsafe: found.must_accept && accepted };
    const path = `/runs/${run.run_id}/retry`;
    const answer = await commanding.run<CommandAnswer>(path, body, { ifMatch: found.version });
    if (!answer) {
      void safety.refresh(); // it may have changed since it was shown
      return;
    }
    onClose();
    navigate(to.run(answer.workflow, answer.number));
  }

  return (
    <Dialog title={`Retry ${run.workflow}#${run.number}?`} onClose={onClose} wide>
      <ActionForm verb="Retry as a new run" commanding={commanding} onClose={onClose} onSubmit={() => void submit()}
        disabled={!found || !found.allowed || (found.must_accept && !accepted)}
        consequence="A new run, linked to this one. This one stays as it is.">
        <div className="field">
          <label htmlFor="retry-from">From</label>
          <select id="retry-from" value={from} onChange={(event) => {
            setFrom(event.target.value);
            setAccepted(false);
          }}>
            <option value="failed">all that did not complete; the rest is carried over</option>
            <option value="start">the start: everything runs again</option>
            {run.steps.map((step) => (
              <option key={step.step} value={`step:${step.step}`}>
                {step.step}, and what is built on it
              </option>
            ))}
          </select>
        </div>
        {safety.problem && <ProblemNote problem={safety.problem} />}
        {found && !found.allowed && found.why_not && <p className="note">{found.why_not}</p>}
        {found && (
          <Verdicts verdicts={found.verdicts} carried={found.carried} mustAccept={found.must_accept}
            accepted={accepted} onAccept={setAccepted} />
        )}
        <TextField label="Reason" value={reason} onChange={setReason} hint="Goes on record with the command." />
      </ActionForm>
    </Dialog>
  );
}
