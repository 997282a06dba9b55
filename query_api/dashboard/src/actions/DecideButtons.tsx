import { useState } from "react";
import type { Action, StepDetail } from "../api/query.ts";
import { useMay } from "../api/session.ts";
import { Link } from "../parts/Link.tsx";
import { to } from "../route.ts";
import { ActionButton } from "./ActionButton.tsx";
import { DecideDialog } from "./DecideDialog.tsx";
import { DelegateDialog } from "./DelegateDialog.tsx";
import { RedoDialog } from "./RedoDialog.tsx";
import { whyNot } from "./RunDialog.tsx";
import type { Seen } from "./useDeciding.ts";
import "./decide.css";

interface Props {
  run: { run_id: string; workflow: string; number: number; version: number };
  step: StepDetail;
}

const WORDS = { approve: "Approve", reject: "Reject", delegate: "Delegate", redo: "Redo" } as const;
type Verb = keyof typeof WORDS;

/** Review, approve, reject, delegate, redo: as the step's actions say. Nothing where there is nothing to do. */
export function DecideButtons({ run, step }: Props) {
  const [open, setOpen] = useState<Verb | null>(null);
  const may = useMay("approver");
  const asked = step.approvals.at(-1);
  const isOpen = asked?.state === "open";
  const shown = may ? step.actions.filter((action) => useful(action, isOpen)) : [];
  if (shown.length === 0 && !isOpen) return null;
  const seen: Seen | undefined = asked && {
    run_id: run.run_id,
    step: step.step,
    iteration: asked.iteration,
    subject_digest: asked.subject_digest,
    version: run.version,
  };
  const close = () => setOpen(null);
  return (
    <div className="actions">
      {isOpen && <Link className="button" href={to.review(run.workflow, run.number, step.step)}>Review</Link>}
      {shown.map((action) => {
        const verb = action.command as Verb;
        return (
          <ActionButton key={verb} whyNot={whyNot(action)} onClick={() => setOpen(verb)}
            kind={verb === "approve" ? "primary" : verb === "reject" ? "danger" : "plain"}>
            {WORDS[verb]}
          </ActionButton>
        );
      })}
      {seen && (open === "approve" || open === "reject") && <DecideDialog decision={open} run={run} seen={seen} onClose={close} />}
      {seen && open === "delegate" && <DelegateDialog run={run} seen={seen} onClose={close} />}
      {open === "redo" && <RedoDialog run={run} step={step.step} onClose={close} />}
    </div>
  );
}

/** What is over is not redone but retried: no use in a button that says so at every step. */
function useful(action: Action, isOpen: boolean): boolean {
  if (action.command === "redo") return action.code !== "run-over";
  return isOpen && action.command in WORDS;
}
