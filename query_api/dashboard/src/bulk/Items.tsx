import type { BulkDetail, BulkItem } from "../api/query.ts";
import { query } from "../api/client.ts";
import type { Reading } from "../lists/paged.ts";
import { usePaged } from "../lists/usePaged.ts";
import { VirtualTable } from "../lists/VirtualTable.tsx";
import { count } from "../core/format.ts";
import { lookOf } from "../core/states.ts";
import { Empty } from "../parts/Empty.tsx";
import { Link } from "../parts/Link.tsx";
import { StateLabel, StateMark } from "../parts/State.tsx";
import { to, usePlace, withParams } from "../route.ts";

const RESULTS = ["done", "nothing", "refused", "not_found", "pending"] as const;
type Result = (typeof RESULTS)[number];

const READING: Reading<BulkItem> = {
  limit: 100,
  id: (item) => String(item.nth),
  below: (a, b) => a.nth > b.nth,
  same: (a, b) => a.result === b.result,
  relevant: (event) => event.topic.startsWith("bulk."),
};

/** What became of each run of an operation, in the order of its list. */
export function Items({ of }: { of: BulkDetail }) {
  const { params } = usePlace();
  const chosen = RESULTS.find((result) => result === params.get("result"));
  const path = `/bulk/${of.bulk_id}/items${query({ result: chosen })}`;
  const list = usePaged<BulkItem>(path, () => path, READING);
  const counts: Record<Result, number> = { done: of.done, nothing: of.nothing, refused: of.refused, not_found: of.not_found, pending: of.left };
  const asks = of.command === "approve" || of.command === "reject";
  return (
    <>
      <nav className="runs-chips" aria-label="Items by result">
        <Link className="chip" href={withParams({ result: null })} replace aria-current={chosen === undefined ? "true" : undefined}>All {count(of.total)}</Link>
        {RESULTS.filter((result) => counts[result] > 0 || result === chosen).map((result) => (
          <Link key={result} className="chip" href={withParams({ result })} replace aria-current={chosen === result ? "true" : undefined}>
            <StateMark state={result} />{count(counts[result])} {lookOf(result).word}
          </Link>
        ))}
      </nav>
      <VirtualTable list={list} label="Items" className="bulk-items" rowHeight={32} noun="item" id={READING.id}
        head={
          <tr>
            <th className="bulk-nth number" scope="col">Place</th>
            <th className="bulk-run" scope="col">{asks ? "Question" : "Run"}</th>
            <th className="bulk-result" scope="col">Result</th>
            <th scope="col">What came of it</th>
          </tr>
        }
        row={(item, index) => <Item key={item.nth} item={item} index={index} gone={list.isGone(item)} stopped={of.state === "stopped"} />}
        empty={<Empty title="No item has this result" />} />
    </>
  );
}

function Item({ item, index, gone, stopped }: { item: BulkItem; index: number; gone: boolean; stopped: boolean }) {
  const { workflow, number, step } = item;
  const named = workflow !== null && number !== null;
  return (
    <tr aria-rowindex={index + 2} className={gone ? "list-gone" : undefined}>
      <td className="bulk-nth number">{item.nth}</td>
      <th className="bulk-run" scope="row">
        {named ? <Link href={to.run(workflow, number, step ?? undefined)}>{workflow}#{number}{step && ` ${step}`}</Link> : <code>{item.run_id}</code>}
      </th>
      <td className="bulk-result"><StateLabel state={item.result} {...(item.result === "pending" && stopped ? { word: "left alone" } : {})} /></td>
      <td title={item.message ?? undefined}>
        {item.new_number !== null && named && <>a new run: <Link href={to.run(workflow, item.new_number)}>{workflow}#{item.new_number}</Link></>}
        {item.message}
        {item.code && <> <code className="quiet-text">{item.code}</code></>}
      </td>
    </tr>
  );
}
