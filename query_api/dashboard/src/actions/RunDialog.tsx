import { useState } from "react";
import type { CommandAnswer } from "../api/command.ts";
import type { Action, RunAnswer } from "../api/query.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { ActionForm, TextField } from "./ActionForm.tsx";
import { useCommand } from "./useCommand.ts";

export type RunCommand = "start" | "pause" | "continue" | "cancel";

interface Told {
  verb: string;
  consequence: string;
  reason?: string;
}

function told(command: RunCommand, run: RunAnswer): Told {
  const busy = run.active_steps.length;
  switch (command) {
    case "start":
      return { verb: "Start the run", consequence: "Its first steps are queued." };
    case "pause":
      return {
        verb: "Pause the run",
        consequence: "What runs now goes on to its end; nothing new is started until somebody continues the run. Approvals can be decided meanwhile.",
        reason: "Reason",
      };
    case "continue":
      return { verb: "Continue the run", consequence: "What is ready is queued again.", reason: "Reason" };
    case "cancel":
      return {
        verb: "Cancel the run",
        consequence: `Steps that have not begun are canceled at once and open approvals are withdrawn. ${
          busy > 0 ? "Workers that are at it are told to stop. " : ""
        }What completed stays completed. A canceled run can be retried, as a new run.`,
        reason: "Reason",
      };
  }
}

/** Asks, and sends it: start, pause, continue, cancel. */
export function RunDialog({ run, command, onClose }: { run: RunAnswer; command: RunCommand; onClose: () => void }) {
  const commanding = useCommand();
  const [reason, setReason] = useState("");
  const [force, setForce] = useState(false);
  const { verb, consequence, reason: asks } = told(command, run);
  async function submit() {
    const body = command === "start" ? {} : command === "cancel" ? { reason, force } : { reason };
    if (await commanding.run<CommandAnswer>(`/runs/${run.run_id}/${command}`, body)) onClose();
  }
  return (
    <Dialog title={`${verb} ${run.workflow}#${run.number}?`} onClose={onClose}>
      <ActionForm verb={verb} consequence={consequence} commanding={commanding} danger={command === "cancel"}
        onSubmit={() => void submit()} onClose={onClose}>
        {asks && <TextField label={asks} value={reason} onChange={setReason} autoFocus hint="Goes on record with the command." />}
        {command === "cancel" && run.active_steps.length > 0 && (
          <label className="check">
            <input type="checkbox" checked={force} onChange={(event) => setForce(event.target.checked)} />
            Do not wait for workers to stop (what their steps did is then unknown)
          </label>
        )}
      </ActionForm>
    </Dialog>
  );
}

/** Of an action that cannot be taken now: in the words of the refusal it would meet. */
export function whyNot(action: Action): string | undefined {
  return action.allowed ? undefined : (action.why_not ?? "Not now.");
}
