import type { WorkflowAnswer } from "../api/query.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { useLive } from "../api/live.ts";
import { MatrixTab } from "../matrix/MatrixTab.tsx";
import { useTitle } from "../parts/Frame.tsx";
import { Shown } from "../parts/Problem.tsx";
import { Tabs } from "../parts/Tabs.tsx";
import { usePlace } from "../route.ts";
import { DurationsTab } from "../workflow/DurationsTab.tsx";
import { GraphTab } from "../workflow/GraphTab.tsx";
import { RunsTab } from "../workflow/RunsTab.tsx";
import { VersionsTab } from "../workflow/VersionsTab.tsx";
import { WorkflowHead } from "../workflow/WorkflowHead.tsx";
import "../workflow/workflow.css";

const TABS = [
  { id: "matrix", title: "Matrix" },
  { id: "runs", title: "Runs" },
  { id: "durations", title: "Durations" },
  { id: "graph", title: "Graph" },
  { id: "versions", title: "Versions" },
];

/** A workflow: what it is, how its runs go, and the history of them all as a matrix. */
export function Workflow({ name }: { name: string }) {
  useTitle(name);
  const asked = usePlace().params.get("view") ?? "matrix";
  const view = TABS.some((tab) => tab.id === asked) ? asked : "matrix";
  const workflow = useAnswer<WorkflowAnswer>(`/workflows/${encodeURIComponent(name)}`, {
    relevant: (event) => event.topic.startsWith("workflow.") || RUN_CHANGES.test(event.topic),
  });
  useLive({ workflow: name }, workflow.data?.position);
  const unknown = workflow.problem?.status === 404;
  const newest = workflow.data?.newest_version ?? 0;
  return (
    <div className={view === "matrix" ? "workflow workflow-full" : "workflow"}>
      <Shown of={workflow}>{(data) => <WorkflowHead workflow={data} />}</Shown>
      {!unknown && <Tabs tabs={TABS} param="view" current={view} label="Views of the workflow" />}
      {view === "matrix" && !unknown && <MatrixTab workflow={name} />}
      {view === "runs" && !unknown && <RunsTab workflow={name} />}
      {view === "durations" && !unknown && <DurationsTab workflow={name} />}
      {view === "graph" && newest > 0 && <GraphTab workflow={name} newest={newest} />}
      {view === "versions" && newest > 0 && <VersionsTab workflow={name} newest={newest} />}
    </div>
  );
}

/** What changes the state of a run; what its steps do is told by the tabs. */
const RUN_CHANGES = /^run\.[a-z_]+$/;
