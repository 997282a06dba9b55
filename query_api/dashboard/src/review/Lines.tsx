import { useMemo, useState } from "react";
import { count } from "../core/format.ts";
import { diffLines, hunks, type Line } from "../core/diff.ts";

const MOST = 1000;

/** Two texts as one, with what is gone and what is new. */
export function Lines({ before, after }: { before: string; after: string }) {
  const [all, setAll] = useState(false);
  const found = useMemo(() => hunks(diffLines(before, after), all ? Infinity : 3), [before, after, all]);
  let left = all ? Infinity : MOST;
  return (
    <div className="lines" role="group" aria-label="Lines that changed">
      {found.map((hunk, index) => {
        if ("hidden" in hunk) return <Folded key={index} lines={hunk.hidden} onOpen={() => setAll(true)} />;
        const shown = hunk.lines.slice(0, Math.max(0, left));
        left -= hunk.lines.length;
        return (
          <div key={index}>
            {shown.map((line, at) => <Row key={at} line={line} />)}
            {shown.length < hunk.lines.length && <Folded lines={hunk.lines.length - shown.length} more onOpen={() => setAll(true)} />}
          </div>
        );
      })}
    </div>
  );
}

function Folded({ lines, more = false, onOpen }: { lines: number; more?: boolean; onOpen: () => void }) {
  return (
    <button type="button" className="lines-folded" onClick={onOpen}>
      {count(lines)} {lines === 1 ? "line" : "lines"} {more ? "more" : "the same"}
    </button>
  );
}

const SIGNS = { same: " ", gone: "−", new: "+" };

function Row({ line }: { line: Line }) {
  const Tag = line.is === "gone" ? "del" : line.is === "new" ? "ins" : "span";
  return (
    <div className={`line line-${line.is}`}>
      <span className="line-number" aria-hidden="true">{line.before || ""}</span>
      <span className="line-number" aria-hidden="true">{line.after || ""}</span>
      <span className="line-sign" aria-hidden="true">{SIGNS[line.is]}</span>
      <Tag className="line-text">
        {line.parts.map((part, index) =>
          part.is !== "same" && line.parts.length > 1 ? <mark key={index}>{part.text}</mark> : part.text)}
        {"\n"}
      </Tag>
    </div>
  );
}
