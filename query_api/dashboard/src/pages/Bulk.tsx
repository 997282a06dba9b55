import { useLive } from "../api/live.ts";
import type { BulkOperation } from "../api/query.ts";
import { ProgressBar } from "../bulk/Progress.tsx";
import { filterText, VERBS } from "../bulk/words.ts";
import { count, counted } from "../core/format.ts";
import type { Reading } from "../lists/paged.ts";
import { usePaged } from "../lists/usePaged.ts";
import { VirtualTable } from "../lists/VirtualTable.tsx";
import { Empty } from "../parts/Empty.tsx";
import { useTitle } from "../parts/Frame.tsx";
import { Link } from "../parts/Link.tsx";
import { StateLabel } from "../parts/State.tsx";
import { When } from "../parts/Time.tsx";
import { to } from "../route.ts";
import "../bulk/bulk.css";

const READING: Reading<BulkOperation> = {
  limit: 100,
  id: (one) => one.bulk_id,
  below: (a, b) => a.bulk_id < b.bulk_id, // ids are made in the order of time
  same: (a, b) => a.version === b.version,
  relevant: (event) => event.topic.startsWith("bulk."),
};

/** All bulk operations, the newest first. */
export function Bulk() {
  useTitle("Bulk operations");
  const list = usePaged<BulkOperation>("", () => "/bulk", READING);
  useLive({ topic: "bulk." }, list.position);
  return (
    <div className="list-page">
      <div className="page-head"><h1>Bulk operations</h1></div>
      <VirtualTable list={list} label="Bulk operations" className="bulk-list" rowHeight={32} noun="operation" id={READING.id}
        head={
          <tr>
            <th className="bulk-table-state" scope="col">State</th>
            <th className="bulk-what" scope="col">Operation</th>
            <th className="bulk-how-far" scope="col">How far</th>
            <th scope="col">Why, and which</th>
            <th className="bulk-who" scope="col">By</th>
            <th className="bulk-when" scope="col">Started</th>
          </tr>
        }
        row={(one, index) => (
          <tr key={one.bulk_id} aria-rowindex={index + 2}>
            <td className="bulk-table-state"><StateLabel state={one.state} /></td>
            <th className="bulk-what" scope="row">
              <Link href={to.bulk(one.bulk_id)}>{VERBS[one.command].word} {counted(one.total, VERBS[one.command].noun)}</Link>
            </th>
            <td className="bulk-how-far"><span className="bulk-cell"><ProgressBar of={one} />
              {count(one.total - one.left)}{one.refused > 0 && <span className="tone-failed">{count(one.refused)} refused</span>}</span></td>
            <td>{[one.reason, filterText(one.filter, one.named_runs)].filter(Boolean).join(" — ")}</td>
            <td className="bulk-who">{one.started_by}</td>
            <td className="bulk-when"><When at={one.started_at} /></td>
          </tr>
        )}
        empty={
          <Empty title="No bulk operations yet">
            <p>Choose some of the <Link href={to.runs()}>runs</Link>, or all that fit a filter, and say what is to be done with them.</p>
          </Empty>
        } />
    </div>
  );
}
