import { memo } from "react";
import type { RunSummary } from "../api/query.ts";
import { duration } from "../core/format.ts";
import { isOver } from "../core/states.ts";
import { Link } from "../parts/Link.tsx";
import { StateLabel } from "../parts/State.tsx";
import { Lasting, When } from "../parts/Time.tsx";
import { to } from "../route.ts";
import { StepsBar } from "./StepsBar.tsx";
import { doing, doingText } from "./words.ts";

interface Props {
  run: RunSummary;
  index: number;
  gone: boolean;
  /** Undefined: nothing can be chosen, since the reader may do nothing with it. */
  chosen: boolean | undefined;
  onChoose: (id: string, range: boolean) => void;
}

export function RunsHead({ chosen, onChooseAll }: { chosen: boolean | undefined; onChooseAll: () => void }) {
  return (
    <tr>
      {chosen !== undefined && (
        <th className="runs-pick">
          <input type="checkbox" aria-label="Choose all that are loaded" checked={chosen} onChange={onChooseAll} />
        </th>
      )}
      <th className="runs-state" scope="col">State</th>
      <th className="runs-name" scope="col">Run</th>
      <th className="runs-doing" scope="col">Now, or why</th>
      <th className="runs-progress" scope="col">Steps</th>
      <th className="runs-by" scope="col">Created by</th>
      <th className="runs-when" scope="col">Created</th>
      <th className="runs-took number" scope="col">Duration</th>
    </tr>
  );
}

/** A run of the list. Drawn anew only when something of it has changed. */
export const RunRow = memo(function RunRow({ run, index, gone, chosen, onChoose }: Props) {
  const name = `${run.workflow}#${run.number}`;
  return (
    <tr aria-rowindex={index + 2} className={gone ? "list-gone" : undefined} aria-selected={chosen}
      title={gone ? "This run no longer fits the filter." : undefined}>
      {chosen !== undefined && (
        <td className="runs-pick">
          <input type="checkbox" aria-label={`Choose ${name}`} checked={chosen}
            onChange={(event) => onChoose(run.run_id, (event.nativeEvent as MouseEvent).shiftKey)} />
        </td>
      )}
      <td className="runs-state"><StateLabel state={run.state} /></td>
      <th className="runs-name" scope="row">
        <Link href={to.run(run.workflow, run.number)} title={name}>{name}</Link>
        {run.retry_of !== null && <span className="runs-mark" title="A retry of another run"> ↻<span className="unseen"> retry</span></span>}
        {run.observed && <span className="runs-mark" title={`Observed: it runs elsewhere${run.source ? `, ${run.source} reports it` : ""}`}> observed</span>}
        {run.degraded && <span className="runs-mark tone-failed" title="Its newest events could not be applied: see its event list"> behind</span>}
      </th>
      <td className={`runs-doing${run.state === "failed" ? " tone-failed" : ""}`} title={doingText(run)}><Now run={run} /></td>
      <td className="runs-progress"><StepsBar counts={run.step_counts} /></td>
      <td className="runs-by" title={run.created_by}>{run.created_by}</td>
      <td className="runs-when"><When at={run.created_at} /></td>
      <td className="runs-took number">
        {isOver(run.state) ? duration(run.duration_s) : run.observed ? "" : <Lasting from={run.created_at} />}
      </td>
    </tr>
  );
});

function Now({ run }: { run: RunSummary }) {
  const { verb, steps, rest } = doing(run);
  return (
    <>
      {verb && <>{verb} </>}
      {steps.map((step, index) => (
        <span key={step}>
          {index > 0 && ", "}
          <Link href={to.run(run.workflow, run.number, step)}>{step}</Link>
        </span>
      ))}
      {steps.length > 0 && rest && (run.state === "failed" ? ": " : " ")}
      {rest}
    </>
  );
}
