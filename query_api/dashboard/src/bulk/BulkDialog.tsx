import { useEffect, useState } from "react";
import { ActionForm, TextField } from "../actions/ActionForm.tsx";
import { useCommand } from "../actions/useCommand.ts";
import { Problem } from "../api/client.ts";
import type { BulkAnswer, RunFilter } from "../api/command.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { ProblemNote, Waiting } from "../parts/Problem.tsx";
import { navigate, to } from "../route.ts";
import { BulkOptions, commandOf, NO_OPTIONS, type Options } from "./BulkOptions.tsx";
import { PreviewShown } from "./PreviewShown.tsx";
import { usePreview } from "./usePreview.ts";
import { buttonWord, VERBS, type Verb } from "./words.ts";
import "./bulk.css";

interface Props {
  verb: Verb;
  /** Which runs; asked when the dialog opens. */
  which: () => Promise<RunFilter>;
  onClose: () => void;
}

/** One command to many runs: what it is about, what is expected, and the button that starts it. */
export function BulkDialog({ verb, which, onClose }: Props) {
  const commanding = useCommand();
  const [filter, setFilter] = useState<RunFilter>();
  const [unnamed, setUnnamed] = useState<Problem>();
  const [options, setOptions] = useState<Options>(NO_OPTIONS);
  const [reason, setReason] = useState("");
  useEffect(() => {
    which().then(setFilter, (error: unknown) => setUnnamed(error instanceof Problem ? error : new Problem(0, "Error", String(error))));
    // Asked once: what is chosen does not change while the dialog is open.
  }, []);
  const command = commandOf(verb, options);
  const asked = options.step && verb !== "retry" && verb !== "redo" ? { ...filter, step: options.step } : filter;
  const preview = usePreview(command, asked);
  const found = preview.data;

  async function submit() {
    if (!found) return;
    const body = { command, filter: asked, digest: found.digest, reason };
    const answer = await commanding.run<BulkAnswer>("/bulk", body);
    if (answer) {
      onClose();
      navigate(to.bulk(answer.bulk_id));
    } else preview.refresh(); // the list may be another one by now: show it
  }

  const { word, consequence, reason: told } = VERBS[verb];
  const nothing = found !== undefined && (found.expected.done ?? 0) === 0;
  return (
    <Dialog title={`${word} many runs?`} onClose={onClose} wide>
      <ActionForm verb={buttonWord(verb, found)} consequence={consequence} commanding={commanding} danger={verb === "cancel" || verb === "reject"}
        disabled={found === undefined || preview.asking || found.total === 0 || nothing} onSubmit={() => void submit()} onClose={onClose}>
        <BulkOptions verb={verb} options={options} onChange={setOptions} preview={found} />
        {unnamed && <ProblemNote problem={unnamed} />}
        {preview.problem && <ProblemNote problem={preview.problem} onRetry={preview.refresh} />}
        {found && <PreviewShown verb={verb} preview={found} />}
        {!found && !preview.problem && !unnamed && (command ? <Waiting /> : <p className="note">Say first which step.</p>)}
        <TextField label={verb === "redo" ? "Feedback" : verb === "approve" || verb === "reject" ? "Comment" : "Reason"} value={reason}
          onChange={setReason} hint={told} />
      </ActionForm>
    </Dialog>
  );
}
