import { useRef } from "react";
import { DecideButtons } from "../actions/DecideButtons.tsx";
import { query } from "../api/client.ts";
import type { StepAnswer } from "../api/query.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { Shown } from "../parts/Problem.tsx";
import { useEvery } from "../run/useEvery.ts";
import { AttemptsTab } from "./AttemptsTab.tsx";
import { ApprovalTab } from "./ApprovalTab.tsx";
import { ErrorTab } from "./ErrorTab.tsx";
import { LogTab } from "./LogTab.tsx";
import { OutputTab } from "./OutputTab.tsx";
import { StepHead } from "./StepHead.tsx";
import { StepTabs, useShown } from "./StepTabs.tsx";
import { useRestOfWindow } from "./useRestOfWindow.ts";
import "./step.css";

export interface StepPanelProps {
  runId: string;
  workflow: string;
  number: number;
  step: string;
  /** As it was after so many events of its run; left out: as it is now. */
  version?: number | undefined;
  onClose?: () => void;
}

const WORKING_MS = 3000;

/** One step run beside a page: what it is, what may be done, its log, output, attempts. */
export function StepPanel({ runId, workflow, number, step, version, onClose }: StepPanelProps) {
  const answer = useAnswer<StepAnswer>(`/runs/${runId}/steps/${encodeURIComponent(step)}${query({ at_version: version })}`, {
    relevant: (event) => version === undefined && event.run_id === runId,
  });
  // Heartbeats, progress and waiting workers are no events.
  const working = answer.data?.job !== undefined && answer.data.job !== null;
  useEvery(working ? WORKING_MS : null, () => void answer.refresh());
  const panel = useRef<HTMLElement>(null);
  useRestOfWindow(panel);
  return (
    <section ref={panel} className="step-panel" aria-label={`Step ${step}`}>
      <div className="step-title">
        <h2>{step}</h2>
        {onClose && <button type="button" className="quiet small" aria-label="Close" title="Close" onClick={onClose}>✕</button>}
      </div>
      <Shown of={answer}>{(data) => <Content key={`${runId}/${step}`} step={data} run={{ run_id: runId, workflow, number }} />}</Shown>
    </section>
  );
}

function Content({ step, run }: { step: StepAnswer; run: { run_id: string; workflow: string; number: number } }) {
  const shown = useShown(step);
  return (
    <>
      <StepHead step={step} />
      {step.as_of === null && <DecideButtons run={{ ...run, version: step.version }} step={step} />}
      <StepTabs step={step} shown={shown} />
      <div className={`step-body step-body-${shown}`}>
        {shown === "log" && <LogTab step={step} />}
        {shown === "output" && <OutputTab step={step} />}
        {shown === "attempts" && <AttemptsTab step={step} />}
        {shown === "error" && <ErrorTab step={step} />}
        {shown === "approval" && <ApprovalTab step={step} />}
      </div>
    </>
  );
}
