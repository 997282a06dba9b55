import { useId, useState } from "react";
import type { CommandAnswer } from "../api/command.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { ActionForm, TextField } from "./ActionForm.tsx";
import { useCommand } from "./useCommand.ts";
import type { Seen } from "./useDeciding.ts";

interface Props {
  run: { workflow: string; number: number };
  seen: Seen;
  onClose: () => void;
}

/** Have somebody else decide in one's place. */
export function DelegateDialog({ run, seen, onClose }: Props) {
  const commanding = useCommand();
  const field = useId();
  const [to, setTo] = useState("");
  const [comment, setComment] = useState("");
  async function submit() {
    const path = `/runs/${seen.run_id}/steps/${encodeURIComponent(seen.step)}/delegate`;
    const body = { to: to.trim(), comment: comment.trim(), iteration: seen.iteration };
    if (await commanding.run<CommandAnswer>(path, body)) onClose();
  }
  return (
    <Dialog title={`Have somebody else decide about ${seen.step} of ${run.workflow}#${run.number}?`} onClose={onClose}>
      <ActionForm verb="Delegate" commanding={commanding} onClose={onClose} onSubmit={() => void submit()} disabled={!to.trim()}
        consequence="They decide in your place, and you do not any more, unless they hand it back. They need a token with the role approver.">
        <div className="field">
          <label htmlFor={field}>Person</label>
          <input id={field} value={to} onChange={(event) => setTo(event.target.value)} autoFocus autoComplete="off" spellCheck={false}
            required aria-describedby={`${field}-hint`} />
          <p className="hint" id={`${field}-hint`}>The name of their token.</p>
        </div>
        <TextField label="Comment" value={comment} onChange={setComment} />
      </ActionForm>
    </Dialog>
  );
}
