import { useState } from "react";
import type { CommandAnswer } from "../api/command.ts";
import type { RedoSafety } from "../api/query.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { ProblemNote } from "../parts/Problem.tsx";
import { ActionForm, TextField } from "./ActionForm.tsx";
import { useCommand } from "./useCommand.ts";
import { Verdicts } from "./Verdicts.tsx";

interface Props {
  run: { run_id: string; workflow: string; number: number };
  step: string;
  onClose: () => void;
}

/** Redo a step with feedback: what is built on it runs again too. */
export function RedoDialog({ run, step, onClose }: Props) {
  const commanding = useCommand();
  const [feedback, setFeedback] = useState("");
  const [accepted, setAccepted] = useState(false);
  const safety = useAnswer<RedoSafety>(`/runs/${run.run_id}/steps/${encodeURIComponent(step)}/redo-safety`, { asOfNow: true });
  const found = safety.data;
  const name = found?.redone ?? step;

  async function submit() {
    if (!found) return;
    const body = { feedback, accept_unsafe: found.must_accept && accepted };
    const path = `/runs/${run.run_id}/steps/${encodeURIComponent(step)}/redo`;
    if (await commanding.run<CommandAnswer>(path, body)) onClose();
    else void safety.refresh();
  }

  return (
    <Dialog title={`Redo ${name} of ${run.workflow}#${run.number}?`} onClose={onClose} wide>
      <ActionForm verb={`Redo ${name}`} commanding={commanding} onClose={onClose} onSubmit={() => void submit()}
        disabled={!found || !found.allowed || (found.must_accept && !accepted)}
        consequence={`Another iteration of ${name}, with your feedback. What is built on it is reset and runs again; open approvals of it are withdrawn.`}>
        <TextField label="Feedback" value={feedback} onChange={setFeedback} autoFocus
          hint="Whoever carries the step out gets it." />
        {safety.problem && <ProblemNote problem={safety.problem} />}
        {found && !found.allowed && found.why_not && <p className="note">{found.why_not}</p>}
        {found && (
          <Verdicts verdicts={found.verdicts} mustAccept={found.must_accept} accepted={accepted} onAccept={setAccepted} />
        )}
      </ActionForm>
    </Dialog>
  );
}
