import { useMemo } from "react";
import type { EarlierQuestion, Review } from "../api/query.ts";
import { diffMembers, type Change } from "../core/diff.ts";
import { counted } from "../core/format.ts";
import { ProblemNote, Waiting } from "../parts/Problem.tsx";
import { Tree } from "../parts/Tree.tsx";
import { setParams } from "../route.ts";
import { Lines } from "./Lines.tsx";
import { pieces, sourceLines } from "./pieces.ts";
import { useWhole } from "./useWhole.ts";

interface Props {
  review: Review;
  /** What is asked about now, with all that lies apart. */
  subject: unknown;
  earlier: EarlierQuestion;
}

/** What changed from an earlier iteration to this one. */
export function Changes({ review, subject, earlier }: Props) {
  const before = useWhole(earlier.subject, review.kind === "approval");
  return (
    <div className="changes">
      {review.earlier.length > 1 && (
        <label className="changes-since">
          Since iteration{" "}
          <select value={earlier.iteration} onChange={(event) => setParams({ since: event.target.value })}>
            {review.earlier.map((one) => <option key={one.iteration}>{one.iteration}</option>)}
          </select>
        </label>
      )}
      {before.problem && <ProblemNote problem={before.problem} />}
      {before.value === undefined ? !before.problem && <Waiting /> : (
        <Found before={before.value} after={subject} summary={[earlier.summary, review.summary]} since={earlier.iteration} />
      )}
    </div>
  );
}

const MOST = 100;

function Found(props: { before: unknown; after: unknown; summary: [string, string]; since: number }) {
  const { before, after, since } = props;
  const changes = useMemo(() => diffMembers(before, after), [before, after]);
  const titles = useMemo(() => new Map(pieces(after).map((one) => [one.pointer, one.title])), [after]);
  const [said, says] = props.summary;
  if (changes.length === 0 && said === says) return <p className="quiet-text">It is the same as in iteration {since}.</p>;
  return (
    <>
      <p className="quiet-text">
        {changes.length === 0 ? "Only the summary has changed" : `${counted(changes.length, "change")}`} since iteration {since}
        {changes.length > MOST && `; the first ${MOST} of them`}.
      </p>
      {said !== says && <section><h2>Summary</h2><Lines before={said} after={says} /></section>}
      {changes.slice(0, MOST).map((change) => (
        <section key={`${change.is}${change.pointer}`}>
          <h2>{named(change.pointer, titles)} <span className={`change-${change.is}`}>{WORDS[change.is]}</span></h2>
          <Values change={change} />
        </section>
      ))}
    </>
  );
}

/** By its file's name, where it has one. */
function named(pointer: string, titles: Map<string, string>) {
  const title = titles.get(pointer);
  return title && pointer ? <span title={pointer}>{title}</span> : <code>{pointer || "The whole"}</code>;
}

const WORDS = { changed: "changed", new: "is new", gone: "is gone" };
const SHORT = 80;

function Values({ change }: { change: Change }) {
  const { before, after } = change;
  if (change.is === "changed" && typeof before === "string" && typeof after === "string") {
    const binary = before.startsWith("data:") || after.startsWith("data:");
    if (binary) return <p className="quiet-text">Other data of {after.length} instead of {before.length} characters.</p>;
    return <Lines before={sourceLines(before)} after={sourceLines(after)} />;
  }
  if (change.is === "changed" && isShort(before) && isShort(after)) {
    return <p className="mono"><del>{JSON.stringify(before)}</del> <span aria-hidden="true">→</span> <ins>{JSON.stringify(after)}</ins></p>;
  }
  return (
    <>
      {change.is !== "new" && <del className="change-value"><Tree value={before} open={1} /></del>}
      {change.is !== "gone" && <ins className="change-value"><Tree value={after} open={1} /></ins>}
    </>
  );
}

function isShort(value: unknown): boolean {
  return JSON.stringify(value).length <= SHORT;
}
