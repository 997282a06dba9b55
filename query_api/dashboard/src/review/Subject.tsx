import { useRef, useState } from "react";
import { address, query } from "../api/client.ts";
import type { Review } from "../api/query.ts";
import { Copy } from "../parts/Copy.tsx";
import { ProblemNote, Waiting } from "../parts/Problem.tsx";
import { Tabs } from "../parts/Tabs.tsx";
import { Tree } from "../parts/Tree.tsx";
import { usePlace } from "../route.ts";
import { Changes } from "./Changes.tsx";
import { pieces, type Piece } from "./pieces.ts";
import { useWhole } from "./useWhole.ts";

/** What is to be approved, as it is meant to be looked at: pages, pictures, texts, data, and what changed. */
export function Subject({ review }: { review: Review }) {
  const { params } = usePlace();
  const whole = useWhole(review.subject, review.kind === "approval");
  if (whole.problem) return <ProblemNote problem={whole.problem} />;
  if (whole.value === undefined) return <Waiting />;
  const shown = ordered(pieces(whole.value));
  const since = review.earlier.find((one) => String(one.iteration) === params.get("since")) ?? review.earlier.at(-1);
  const tabs = [
    ...shown.map((piece) => ({ id: `at:${piece.pointer}`, title: piece.title })),
    ...(since ? [{ id: "changes", title: `Changes since ${since.iteration}` }] : []),
    ...(typeof whole.value === "string" ? [] : [{ id: "data", title: "Data" }]),
  ];
  const current = tabs.find((tab) => tab.id === params.get("see"))?.id ?? tabs[0]?.id ?? "data";
  const piece = shown.find((one) => `at:${one.pointer}` === current);
  return (
    <>
      {tabs.length > 1 && <Tabs tabs={tabs} param="see" current={current} label="What is to be approved" />}
      <div className="subject-view">
        {piece && <PieceView key={piece.pointer} piece={piece} review={review} />}
        {current === "changes" && since && <Changes review={review} subject={whole.value} earlier={since} />}
        {current === "data" && (
          <div className="content">
            <Copy text={JSON.stringify(whole.value, null, 2)} />
            <Tree value={whole.value} open={3} />
          </div>
        )}
      </div>
    </>
  );
}

const MOST_TEXTS = 8;

/** Pages first, then pictures, then texts; where there are very many of these, they stay in the data. */
function ordered(all: Piece[]): Piece[] {
  const of = (kind: Piece["kind"]) => all.filter((one) => one.kind === kind);
  const texts = of("text");
  return [...of("page"), ...of("picture"), ...(texts.length > MOST_TEXTS ? [] : texts)];
}

function PieceView({ piece, review }: { piece: Piece; review: Review }) {
  switch (piece.kind) {
    case "page":
      return <Page piece={piece} review={review} />;
    case "picture":
      return <img className="subject-picture" src={piece.text} alt={piece.title} />;
    case "text":
      return (
        <div className="content">
          <Copy text={piece.text} />
          <pre className="subject-text">{piece.text}</pre>
        </div>
      );
  }
}

/** A page that can do nothing: the frame's sandbox and the answer's own policy both see to that. */
function Page({ piece, review }: { piece: Piece; review: Review }) {
  const [source, setSource] = useState(false);
  const [tall, setTall] = useState(false);
  const path = `/runs/${review.run_id}/steps/${encodeURIComponent(review.step)}/preview`;
  const preview = address(path + query({ pointer: piece.pointer, iteration: review.iteration }));
  return (
    <>
      <div className="subject-tools">
        <button type="button" className="small quiet" aria-pressed={source} onClick={() => setSource(!source)}>Source</button>
        <button type="button" className="small quiet" aria-pressed={tall} onClick={() => setTall(!tall)}>Taller</button>
        <a href={preview} target="_blank" rel="noreferrer">In a tab of its own</a>
      </div>
      {source ? <pre className="subject-text">{piece.text}</pre> : (
        <Preview key={preview} src={preview} title={`Preview of ${piece.title}`} tall={tall} />
      )}
    </>
  );
}

/** A link that is followed in the frame would leave a blank in place of what is to be approved: it is shown again. */
function Preview({ src, title, tall }: { src: string; title: string; tall: boolean }) {
  const [followed, setFollowed] = useState(0);
  const loaded = useRef(false);
  function load() {
    if (loaded.current) setFollowed(followed + 1);
    loaded.current = !loaded.current;
  }
  return (
    <>
      <iframe key={followed} className={tall ? "subject-page tall" : "subject-page"} sandbox="" src={src} title={title}
        referrerPolicy="no-referrer" onLoad={load} />
      {followed > 0 && <p className="hint" role="status">Links of a page lead nowhere while it is reviewed.</p>}
    </>
  );
}
