import { memo } from "react";
import type { Refusal } from "../api/query.ts";
import { moment } from "../core/format.ts";
import { Copy } from "../parts/Copy.tsx";
import { Empty } from "../parts/Empty.tsx";
import { Link } from "../parts/Link.tsx";
import { ProblemNote, Waiting } from "../parts/Problem.tsx";
import { StateMark } from "../parts/State.tsx";
import { Tree } from "../parts/Tree.tsx";
import { setParams, to } from "../route.ts";
import { actorOf, stamp } from "./looks.ts";
import { Rows } from "./Rows.tsx";
import { useRefused } from "./useRefused.ts";

interface Props {
  /** Id of the run whose refusals are wanted; null: all of the namespace. */
  run: string | null;
  /** The role that reads all of them. */
  auditor: boolean;
  actor: string;
  code: string;
  opened: string | null;
}

const keyOf = (refusal: Refusal) => refusal.id;

function open(refusal: Refusal): void {
  const now = new URLSearchParams(location.search).get("open");
  setParams({ open: now === refusal.id ? null : refusal.id });
}

/** Commands that the rules refused: who wanted what, when, and why it was not done. */
export function RefusedCommands({ run, auditor, actor, code, opened }: Props) {
  const path = auditor || run === null ? "/refusals" : `/runs/${run}/refusals`;
  const { refused, problem, older } = useRefused(path, auditor ? { run, actor, code } : {});
  if (refused === undefined) return problem ? <ProblemNote problem={problem} /> : <Waiting />;
  return (
    <>
      {problem && <ProblemNote problem={problem} />}
      <div className="event-split">
        {refused.items.length === 0 ? (
          <Empty title="No command was refused here">
            <p>What the rules refuse is kept, with the reason. Malformed commands, and those of people who may not send them, are not.</p>
          </Empty>
        ) : (
          <Rows label="Refused commands, newest first" items={refused.items} keyOf={keyOf} opened={opened} onEnd={older}
            row={(refusal) => <RefusalLine refusal={refusal} opened={refusal.id === opened} />}
            foot={<div className="rows-foot">{refused.next === null ? "That is all." : "Loading older ones…"}</div>} />
        )}
      </div>
    </>
  );
}

const RefusalLine = memo(function RefusalLine({ refusal, opened }: { refusal: Refusal; opened: boolean }) {
  return (
    <>
      <div className="event-line refusal-line">
        <time dateTime={refusal.recorded_at} title={`refused ${moment(refusal.recorded_at)}`}>{stamp(refusal.recorded_at)}</time>
        <code className="event-topic">{refusal.command}</code>
        <span className="event-said">
          <StateMark state="refused" />
          <button type="button" className="row-open" aria-expanded={opened} title={refusal.message} onClick={() => open(refusal)}>
            {refusal.message}
          </button>
        </span>
        <span className="event-topic">{refusal.code}</span>
        <span className="event-actor" title={actorOf(refusal)}>{actorOf(refusal)}</span>
      </div>
      {opened && (
        <div className="event-raw">
          <dl className="event-facts">
            {refusal.run_id && <div><dt>Run</dt><dd><Link href={to.events(`run=${refusal.run_id}`)}>{refusal.run_id}</Link>, its events</dd></div>}
            <div><dt>Version seen</dt><dd>{refusal.version_seen}</dd></div>
            <div><dt>After</dt><dd><Link href={to.event(refusal.position)}>event {refusal.position}</Link></dd></div>
            <div><dt>Id</dt><dd><code>{refusal.id}</code></dd></div>
          </dl>
          <div className="event-data">
            <div className="event-data-head">
              <strong>What was sent</strong>
              <Copy text={JSON.stringify(refusal, null, 2)} label="Copy as JSON" />
            </div>
            <Tree value={refusal.body} open={3} />
          </div>
        </div>
      )}
    </>
  );
});
