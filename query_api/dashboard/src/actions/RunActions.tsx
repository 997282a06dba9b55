import { useState } from "react";
import type { Action, RunAnswer } from "../api/query.ts";
import { useMay } from "../api/session.ts";
import { ActionButton } from "./ActionButton.tsx";
import { RetryDialog } from "./RetryDialog.tsx";
import { RunDialog, whyNot, type RunCommand } from "./RunDialog.tsx";

const WORDS: Record<RunCommand | "retry", string> = {
  start: "Start",
  continue: "Continue",
  pause: "Pause",
  retry: "Retry",
  cancel: "Cancel",
};

/** What may be done with a run. What the caller's roles do not come to is not shown at all. */
export function RunActions({ run }: { run: RunAnswer }) {
  const [open, setOpen] = useState<RunCommand | "retry" | null>(null);
  const may = useMay("operator");
  if (!may || run.observed) return null;
  const shown = (Object.keys(WORDS) as (keyof typeof WORDS)[])
    .map((command) => run.actions.find((action) => action.command === command))
    .filter((action): action is Action => action !== undefined && useful(action, run));
  return (
    <div className="actions">
      {shown.map((action) => {
        const command = action.command as keyof typeof WORDS;
        return (
          <ActionButton key={command} whyNot={whyNot(action)} onClick={() => setOpen(command)}
            kind={command === "cancel" ? "danger" : command === "retry" && run.state === "failed" ? "primary" : "plain"}>
            {WORDS[command]}
          </ActionButton>
        );
      })}
      {open === "retry" && <RetryDialog run={run} onClose={() => setOpen(null)} />}
      {open !== null && open !== "retry" && <RunDialog run={run} command={open} onClose={() => setOpen(null)} />}
    </div>
  );
}

/** Start is for runs that have not begun, continue for those that are held: no use otherwise. */
function useful(action: Action, run: RunAnswer): boolean {
  if (action.command === "start") return run.state === "created";
  if (action.command === "continue") return run.held;
  if (action.command === "pause") return !run.held;
  return true;
}
