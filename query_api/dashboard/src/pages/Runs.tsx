import { useCallback, useEffect, useMemo, useState } from "react";
import { StartRunDialog } from "../actions/StartRunDialog.tsx";
import { useLive } from "../api/live.ts";
import type { RunSummary } from "../api/query.ts";
import { useMay } from "../api/session.ts";
import { usePaged } from "../lists/usePaged.ts";
import { VirtualTable } from "../lists/VirtualTable.tsx";
import { Empty } from "../parts/Empty.tsx";
import { useTitle } from "../parts/Frame.tsx";
import { Link } from "../parts/Link.tsx";
import { to, usePlace } from "../route.ts";
import { FilterBar } from "../runs/FilterBar.tsx";
import { askedWith, filtersOf, paramsOf } from "../runs/filters.ts";
import { READING } from "../runs/reading.ts";
import { RunRow, RunsHead } from "../runs/RunRow.tsx";
import { NOTHING, toggled, toggledAll } from "../runs/selection.ts";
import { SelectionBar } from "../runs/SelectionBar.tsx";
import { ViewBar } from "../runs/ViewBar.tsx";
import "../runs/runs.css";

const ROW = 34;

/** All runs, the newest first: filters, views, and what can be done with many at once. */
export function Runs() {
  useTitle("Runs");
  const place = usePlace();
  const filters = useMemo(() => filtersOf(place.params), [place.params]);
  const key = paramsOf(filters);
  const list = usePaged<RunSummary>(key, () => `/runs?${askedWith(filters, new Date())}`, READING);
  useLive(filters.workflow ? { workflow: filters.workflow } : {}, list.position);

  const [selection, setSelection] = useState(NOTHING);
  useEffect(() => setSelection(NOTHING), [key]);
  const [starting, setStarting] = useState(false);
  const operator = useMay("operator");
  const may = useMay("approver") || operator;
  const order = useMemo(() => list.rows.map(READING.id), [list.rows]);
  const choose = useCallback(
    (id: string, range: boolean) => setSelection((before) => toggled(before, id, order, range)),
    [order],
  );
  const chosen = (id: string) => (may ? selection.all || selection.ids.has(id) : undefined);
  const some = selection.all || selection.ids.size > 0;

  return (
    <div className="list-page">
      <div className="page-head">
        <h1>Runs</h1>
        <div className="actions">
          <Link className="button" href={to.bulk()}>Bulk operations</Link>
          {operator && filters.workflow && (
            <button type="button" className="primary" onClick={() => setStarting(true)}>Start a run</button>
          )}
        </div>
      </div>
      <ViewBar current={key} />
      <FilterBar filters={filters} />
      <VirtualTable list={list} label="Runs" className="runs-table" rowHeight={ROW} noun="run" id={READING.id}
        head={<RunsHead chosen={may ? selection.all || (order.length > 0 && order.every((id) => selection.ids.has(id))) : undefined}
          onChooseAll={() => setSelection((before) => toggledAll(before, order))} />}
        row={(run, index) => (
          <RunRow key={run.run_id} run={run} index={index} gone={list.isGone(run)} chosen={chosen(run.run_id)} onChoose={choose} />
        )}
        empty={<NoRuns filtered={key !== ""} />} />
      {some && (
        <SelectionBar selection={selection} runs={list.rows} filters={filters} onChange={setSelection}
          onClear={() => setSelection(NOTHING)} />
      )}
      {starting && filters.workflow && <StartRunDialog workflow={filters.workflow} onClose={() => setStarting(false)} />}
    </div>
  );
}

function NoRuns({ filtered }: { filtered: boolean }) {
  if (filtered)
    return (
      <Empty title="No run fits">
        <p>Those that come to fit are told of here. <Link href={to.runs()}>All runs</Link></p>
      </Empty>
    );
  return (
    <Empty title="No runs yet">
      <p>Start one of a <Link href={to.workflows()}>workflow</Link>, or from a shell:</p>
      <pre>runledger start WORKFLOW --inputs '{"{}"}'</pre>
    </Empty>
  );
}
