import { useEffect, useState, type FormEvent, type KeyboardEvent } from "react";
import { count } from "../../core/format.ts";
import { setParams } from "../../route.ts";
import type { Seeking } from "./useSeek.ts";
import type { Filter } from "./window.ts";

interface Props {
  find: string;
  only: boolean;
  filter: Filter;
  seeking: Seeking;
  /** The line that the next hit is looked for from. */
  from: number;
  wrap: boolean;
  times: boolean;
  onWrap: (on: boolean) => void;
  onTimes: (on: boolean) => void;
}

/** Search, filters and looks of a log. */
export function LogBar({ find, only, filter, seeking, from, wrap, times, onWrap, onTimes }: Props) {
  const [text, setText] = useState(find);
  useEffect(() => setText(find), [find]);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (text !== find) setParams({ find: text, ...(text === "" && { only: null }) });
    else seeking.go(from, false);
  }
  function keys(event: KeyboardEvent) {
    if (event.key === "Enter" && event.shiftKey) {
      event.preventDefault();
      seeking.go(from, true);
    } else if (event.key === "Escape" && find) {
      event.preventDefault();
      setParams({ find: null, only: null });
    }
  }
  return (
    <div className="log-bar">
      <form role="search" aria-label="In the log" onSubmit={submit}>
        <input type="search" aria-label="Find in the log" placeholder="Find" value={text}
          onChange={(event) => setText(event.target.value)} onKeyDown={keys} />
        <button type="button" className="small" aria-label="Previous hit" title="Previous hit (Shift+Enter)" disabled={!find}
          onClick={() => seeking.go(from, true)}>↑</button>
        <button type="submit" className="small" aria-label="Next hit" title="Next hit (Enter)" disabled={!text}>↓</button>
        <output className="log-hits">{said(find, seeking)}</output>
      </form>
      {find && (
        <label className="check"><input type="checkbox" checked={only}
          onChange={(event) => setParams({ only: event.target.checked ? 1 : null })} />only hits</label>
      )}
      <span className="log-choices">
        <select aria-label="Level" value={filter.level ?? ""} onChange={(event) => setParams({ level: event.target.value })}>
          <option value="">all levels</option>
          <option value="info">info and worse</option>
          <option value="warning">warnings and errors</option>
          <option value="error">errors</option>
        </select>
        <select aria-label="Stream" value={filter.stream ?? ""} onChange={(event) => setParams({ stream: event.target.value })}>
          <option value="">all streams</option>
          <option value="stdout">stdout</option>
          <option value="stderr">stderr</option>
          <option value="log">log</option>
        </select>
        <label className="check"><input type="checkbox" checked={times} onChange={(event) => onTimes(event.target.checked)} />times</label>
        <label className="check"><input type="checkbox" checked={wrap} onChange={(event) => onWrap(event.target.checked)} />wrap</label>
      </span>
    </div>
  );
}

function said(find: string, { hit, busy, problem }: Seeking): string {
  if (!find) return "";
  if (busy) return "Searching…";
  if (problem) return problem.title;
  if (hit === undefined) return "";
  if (hit === null) return "Not found";
  if (hit.rank === undefined) return `line ${count(hit.line.n)}`;
  const { nth, all } = hit.rank;
  return nth === null ? `line ${count(hit.line.n)}, ${count(all.lines)}${all.at_least ? " or more" : ""} hits` : `${count(nth)} of ${count(all.lines)}`;
}
