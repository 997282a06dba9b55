import { useLive } from "../api/live.ts";
import type { RunAnswer } from "../api/query.ts";
import { never, useAnswer } from "../api/useAnswer.ts";
import { isOver, lookOf } from "../core/states.ts";
import { useTitle } from "../parts/Frame.tsx";
import { Shown } from "../parts/Problem.tsx";
import { Tabs } from "../parts/Tabs.tsx";
import { EventsTab } from "../run/EventsTab.tsx";
import { GraphTab } from "../run/GraphTab.tsx";
import { InputsTab } from "../run/InputsTab.tsx";
import { JobsTab } from "../run/JobsTab.tsx";
import { Past } from "../run/Past.tsx";
import { RunBanners } from "../run/RunBanners.tsx";
import { RunHead } from "../run/RunHead.tsx";
import { Timeline } from "../run/Timeline.tsx";
import { useEvery } from "../run/useEvery.ts";
import { setParams, usePlace } from "../route.ts";
import { afresh } from "../step/params.ts";
import { StepPanel } from "../step/StepPanel.tsx";
import "../run/run.css";

const OPEN_MS = 10_000;
const TABS = [
  { id: "timeline", title: "Timeline" },
  { id: "graph", title: "Graph" },
  { id: "jobs", title: "Jobs" },
  { id: "events", title: "Events" },
  { id: "inputs", title: "Inputs" },
];

/** One run: its state and why, its steps in time, and the step that is selected beside them. */
export function Run({ workflow, number }: { workflow: string; number: number }) {
  const answer = useAnswer<RunAnswer>(`/workflows/${encodeURIComponent(workflow)}/runs/${number}`);
  const run = answer.data;
  useLive({ run: run?.run_id ?? "" }, run?.position);
  // Which workers are there, and what they told last, are no events.
  useEvery(run && !isOver(run.state) ? OPEN_MS : null, () => void answer.refresh());
  const { params } = usePlace();
  const version = params.get("version");
  const past = useAnswer<RunAnswer>(run && version ? `/runs/${run.run_id}?at_version=${version}` : null, { relevant: never });
  useTitle(run ? `${workflow}#${number} ${lookOf(run.state).word}` : `${workflow}#${number}`);
  if (!run || !version) return <Shown of={answer}>{(data) => <Content run={data} newest={data.version} />}</Shown>;
  return <Shown of={past}>{(data) => <Content run={data} newest={run.version} />}</Shown>;
}

/** `newest`: how many events the run has by now, where it is shown as it was earlier. */
function Content({ run, newest }: { run: RunAnswer; newest: number }) {
  const { params } = usePlace();
  const tab = TABS.find((one) => one.id === params.get("tab"))?.id ?? "timeline";
  const step = run.steps.find((one) => one.step === params.get("step"))?.step;
  const select = (name: string | null) => setParams({ ...afresh, step: name }, { push: step === undefined });
  return (
    <>
      <RunHead run={run} />
      <RunBanners run={run} />
      <Past run={run} newest={newest} />
      <div className={step === undefined ? "run-body" : "run-body run-body-split"}>
        <div className="run-main">
          <Tabs tabs={TABS} param="tab" current={tab} label="Of the run" />
          {tab === "timeline" && <Timeline run={run} selected={step} onSelect={select} />}
          {tab === "graph" && <GraphTab run={run} selected={step} onSelect={select} />}
          {tab === "jobs" && <JobsTab run={run} />}
          {tab === "events" && <EventsTab run={run} />}
          {tab === "inputs" && <InputsTab run={run} />}
        </div>
        {step !== undefined && (
          <StepPanel key={step} runId={run.run_id} workflow={run.workflow} number={run.number} step={step} version={run.as_of?.version} onClose={() => select(null)} />
        )}
      </div>
    </>
  );
}
