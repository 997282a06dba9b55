import { useEffect, useState } from "react";
import { StartRunDialog } from "../actions/StartRunDialog.tsx";
import { query } from "../api/client.ts";
import { useLive } from "../api/live.ts";
import type { WorkflowSummary } from "../api/query.ts";
import { useMay } from "../api/session.ts";
import type { Reading } from "../lists/paged.ts";
import { usePaged } from "../lists/usePaged.ts";
import { VirtualTable } from "../lists/VirtualTable.tsx";
import { Empty } from "../parts/Empty.tsx";
import { useTitle } from "../parts/Frame.tsx";
import { setParams, usePlace } from "../route.ts";
import { FirstWorkflow } from "../workflows/FirstWorkflow.tsx";
import { WorkflowRow, WorkflowsHead } from "../workflows/WorkflowRow.tsx";
import "../workflows/workflows.css";

const READING: Reading<WorkflowSummary> = {
  limit: 100,
  insert: true,
  id: (one) => one.name,
  below: (a, b) => a.name > b.name,
  same: (a, b) => a.version === b.version && JSON.stringify([a.runs, a.recent]) === JSON.stringify([b.runs, b.recent]),
  // What becomes of runs as a whole, not of their steps.
  relevant: (event) => event.topic.startsWith("workflow.") || /^run\.[a-z_]+$/.test(event.topic),
};
const TYPING_MS = 200;

/** All workflows: how their last runs have gone, and what is open or has failed. */
export function Workflows() {
  useTitle("Workflows");
  const q = usePlace().params.get("q") ?? "";
  const list = usePaged<WorkflowSummary>(q, () => `/workflows${query({ q })}`, READING);
  useLive({}, list.position);
  const mayStart = useMay("operator");
  const [starting, setStarting] = useState<string | null>(null);
  const none = q === "" && list.pages.length > 0 && list.rows.length === 0;
  return (
    <div className="list-page">
      <div className="page-head">
        <h1>Workflows</h1>
        {!none && <Filter q={q} />}
      </div>
      <VirtualTable list={list} label="Workflows" className="workflows-table" rowHeight={48} noun="workflow" id={READING.id}
        head={<WorkflowsHead mayStart={mayStart} />}
        row={(workflow, index) => (
          <WorkflowRow key={workflow.name} workflow={workflow} index={index} mayStart={mayStart} onStart={setStarting} />
        )}
        empty={q === "" ? <FirstWorkflow /> : (
          <Empty title={`No workflow has “${q}” in its name`}>
            <button type="button" onClick={() => setParams({ q: null })}>All workflows</button>
          </Empty>
        )} />
      {starting !== null && <StartRunDialog workflow={starting} onClose={() => setStarting(null)} />}
    </div>
  );
}

function Filter({ q }: { q: string }) {
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  useEffect(() => {
    if (text === q) return undefined;
    const timer = setTimeout(() => setParams({ q: text.trim() || null }), TYPING_MS);
    return () => clearTimeout(timer);
    // Only what is typed; the address follows.
  }, [text]);
  return (
    <input type="search" aria-label="Filter by name" placeholder="Filter by name" value={text} onChange={(event) => setText(event.target.value)} />
  );
}
