import { useState } from "react";
import { ActionButton } from "../actions/ActionButton.tsx";
import { useLive } from "../api/live.ts";
import type { BulkDetail } from "../api/query.ts";
import { useMay } from "../api/session.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { Items } from "../bulk/Items.tsx";
import { Progress } from "../bulk/Progress.tsx";
import { StopDialog } from "../bulk/StopDialog.tsx";
import { filterText, optionsText, VERBS } from "../bulk/words.ts";
import { count, counted } from "../core/format.ts";
import { useTitle } from "../parts/Frame.tsx";
import { Link } from "../parts/Link.tsx";
import { Shown } from "../parts/Problem.tsx";
import { StateLabel } from "../parts/State.tsx";
import { When } from "../parts/Time.tsx";
import { to } from "../route.ts";
import "../bulk/bulk.css";
import "../runs/runs.css";

/** One bulk operation: how far it is, what became of each item, who wanted it and why. */
export function BulkOperation({ id }: { id: string }) {
  const answer = useAnswer<BulkDetail>(`/bulk/${encodeURIComponent(id)}`, {
    relevant: (event) => event.topic.startsWith("bulk.") && event.stream_id === id,
  });
  useLive({ topic: "bulk." }, answer.data?.position);
  useTitle(answer.data ? titleOf(answer.data) : "Bulk operation");
  return <div className="list-page"><Shown of={answer}>{(data) => <Told of={data} />}</Shown></div>;
}

function titleOf(of: BulkDetail): string {
  const { word, noun } = VERBS[of.command];
  return `${word} ${counted(of.total, noun)}`;
}

function Told({ of }: { of: BulkDetail }) {
  const [stopping, setStopping] = useState(false);
  const operator = useMay("operator");
  const approver = useMay("approver");
  const over = of.state === "completed" || of.state === "stopped";
  const which = filterText(of.filter, of.named_runs);
  const how = optionsText(of.options);
  return (
    <>
      <div className="page-head">
        <h1>{titleOf(of)}</h1>
        <StateLabel state={of.state} />
        <div className="actions">
          {(operator || approver) && !over && (
            <ActionButton kind="danger" onClick={() => setStopping(true)}
              whyNot={of.state === "stopping" ? "A stop was asked for: it takes effect in a moment." : undefined}>
              Stop
            </ActionButton>
          )}
          <Link className="button" href={to.events(`correlation=${of.bulk_id}`)}>Its events</Link>
          <Link className="button" href={to.bulk()}>All operations</Link>
        </div>
      </div>
      <Progress of={of} />
      <dl className="bulk-facts">
        <div><dt>Started by</dt><dd>{of.started_by}, <When at={of.started_at} /></dd></div>
        <div><dt>Why</dt><dd>{of.reason || <span className="quiet-text">no reason given</span>}</dd></div>
        {which && <div><dt>Which</dt><dd>{which}</dd></div>}
        {how && <div><dt>How</dt><dd>{how}</dd></div>}
        {of.took_as_is && <div><dt>List</dt><dd>taken as it was, held against no preview</dd></div>}
        {of.stop_asked_by && (
          <div><dt>Stop asked for by</dt><dd>{of.stop_asked_by}, <When at={of.stop_asked_at} />{of.stop_reason && `: ${of.stop_reason}`}</dd></div>
        )}
        {of.ended_at && <div><dt>Ended</dt><dd><When at={of.ended_at} /></dd></div>}
      </dl>
      {of.refusals.length > 0 && (
        <ul className="bulk-refusals">
          {of.refusals.map((refusal) => <li key={refusal.code}>{count(refusal.items)} × {refusal.message} <code>{refusal.code}</code></li>)}
        </ul>
      )}
      <Items of={of} />
      {stopping && <StopDialog id={of.bulk_id} onClose={() => setStopping(false)} />}
    </>
  );
}
