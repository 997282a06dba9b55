import { useEffect, useRef, useState } from "react";
import { address, Problem } from "../../api/client.ts";
import { count, counted } from "../../core/format.ts";
import { plain } from "../../core/ansi.ts";
import { Copy } from "../../parts/Copy.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { ProblemNote, Waiting } from "../../parts/Problem.tsx";
import { usePlace } from "../../route.ts";
import { useLine } from "./address.ts";
import { LogBar } from "./LogBar.tsx";
import { LogLines } from "./LogLines.tsx";
import { useLog } from "./useLog.ts";
import { useSeek } from "./useSeek.ts";
import type { Filter, LogWindow } from "./window.ts";
import "./log.css";

interface Props {
  runId: string;
  step: string;
  attempt: number;
  /** The attempt goes on: where there is no line yet, some may come. */
  running: boolean;
}

const LEVELS = ["debug", "info", "warning", "error"] as const;
const STREAMS = ["stdout", "stderr", "log"] as const;

/** The log of an attempt: at its end and followed, or at the line that the address names. */
export function LogView({ runId, step, attempt, running }: Props) {
  const { params } = usePlace();
  const line = useLine();
  const find = params.get("find") ?? "";
  const only = find !== "" && params.get("only") !== null;
  const level = LEVELS.find((one) => one === params.get("level"));
  const stream = STREAMS.find((one) => one === params.get("stream"));
  const path = `/runs/${runId}/steps/${encodeURIComponent(step)}/attempts/${attempt}/log`;
  const filter: Filter = { search: only ? find : undefined, level, stream };
  const of = useLog(path, filter, line);
  const seeking = useSeek(of.ask, { search: find, level, stream });
  const [wrap, setWrap] = useKept("log-wrap", true);
  const [times, setTimes] = useKept("log-times", false);
  const [placed, setPlaced] = useState(0);
  const { log } = of;

  const found = seeking.hit?.line.n;
  const [target, setTarget] = useState<{ n: number } | null>(null);
  useEffect(() => {
    if (line !== null) setTarget({ n: line });
  }, [line]);
  useEffect(() => {
    if (seeking.hit) setTarget({ n: seeking.hit.line.n });
  }, [seeking.hit?.line]);
  // A text in the address is looked for at once: the hit nearest to the end, or behind the line.
  useEffect(() => {
    if (find) seeking.go(line ?? Number.MAX_SAFE_INTEGER, line === null);
  }, [find, seeking.go]);

  const suffix = times ? "?times=true" : "";
  return (
    <div className="log">
      <LogBar find={find} only={only} filter={filter} seeking={seeking} from={found ?? line ?? placed} wrap={wrap} times={times}
        onWrap={setWrap} onTimes={setTimes} />
      <Said log={log} />
      {log.problem instanceof Problem && <ProblemNote problem={log.problem} />}
      {!log.begun && !log.problem && <Waiting />}
      {log.begun && log.lines.length === 0 ? <NoLines log={log} running={running} /> : (
        <LogLines of={of} label={`Log of ${step}, attempt ${attempt}`} place={{ attempt, show: "log" }} target={target}
          selected={line} found={found ?? null} sought={find} wrap={wrap} times={times} onPlace={setPlaced} />
      )}
      <div className="log-foot">
        <span>{counted(log.total, "line")}{log.filtered && log.matches && `, ${count(log.matches.lines)}${log.matches.at_least ? " or more" : ""} shown`}</span>
        <span className="log-follow">{log.begun && log.open && !log.ended ? "following" : ""}</span>
        {!(log.atStart && log.atEnd) && log.begun && <Place log={log} placed={placed} onGo={(n) => setTarget({ n })} />}
        <span className="log-take">
          <Copy text={log.lines.map((one) => plain(one.text)).join("\n")} />
          <a href={address(`${path}/download${suffix}`)} download>Download</a>
        </span>
      </div>
    </div>
  );
}

/** Where in a log that is longer than what is loaded: a slider over all of its lines. */
function Place({ log, placed, onGo }: { log: LogWindow; placed: number; onGo: (n: number) => void }) {
  const [dragged, setDragged] = useState<number | null>(null);
  // Lines that are still scrolling must not take the slider back before it has its way.
  const waiting = useRef(false);
  useEffect(() => {
    if (dragged === null) return;
    waiting.current = true;
    const timer = setTimeout(() => {
      waiting.current = false;
      onGo(dragged);
    }, 150);
    return () => clearTimeout(timer);
  }, [dragged]);
  useEffect(() => {
    if (!waiting.current) setDragged(null);
  }, [placed]);
  return (
    <input type="range" className="log-place" aria-label="Place in the log" min={log.firstKept} max={log.total}
      value={dragged ?? placed} aria-valuetext={`line ${dragged ?? placed} of ${log.total}`}
      onChange={(event) => setDragged(Number(event.target.value))} />
  );
}

/** What is not there any more, or never was kept. */
function Said({ log }: { log: LogWindow }) {
  return (
    <>
      {log.dropped && <p className="note">{counted(log.dropped.lines, "line")} at the beginning {log.dropped.lines === 1 ? "is" : "are"} gone: {log.dropped.why}</p>}
      {log.overLimit > 0 && <p className="note">{counted(log.overLimit, "line")} more came over the limit of an attempt's log and {log.overLimit === 1 ? "was" : "were"} not kept.</p>}
    </>
  );
}

function NoLines({ log, running }: { log: LogWindow; running: boolean }) {
  if (log.filtered && log.total > 0) return <Empty title="No line fits"><p>Choose another text, level or stream.</p></Empty>;
  if (log.dropped) return <Empty title="The log is gone" />;
  return running ? <Empty title="No line yet"><p>Lines appear here as they come.</p></Empty> : <Empty title="It wrote no log" />;
}

/** A choice that stays in the browser. */
function useKept(name: string, initial: boolean): [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(() => (localStorage.getItem(name) ?? String(initial)) === "true");
  return [on, (next) => {
    localStorage.setItem(name, String(next));
    setOn(next);
  }];
}
