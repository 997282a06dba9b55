import type { BulkPreview } from "../api/command.ts";
import { count, counted } from "../core/format.ts";
import { lookOf } from "../core/states.ts";
import { Link } from "../parts/Link.tsx";
import { StateLabel } from "../parts/State.tsx";
import { to } from "../route.ts";
import { VERBS, type Verb } from "./words.ts";

const EXPECTED: Record<string, string> = {
  done: "will be done, as far as can be told",
  nothing: "are so already: nothing happens",
  refused: "will be refused",
  not_found: "are not there",
};

/** What an operation would be about: how many, what is expected of them, and the first of them. */
export function PreviewShown({ verb, preview }: { verb: Verb; preview: BulkPreview }) {
  const { noun } = VERBS[verb];
  if (preview.total === 0) return <p className="note">Nothing fits: there is no {noun} to {verb}.</p>;
  const expected = Object.entries(EXPECTED).filter(([result]) => (preview.expected[result] ?? 0) > 0);
  const hidden = preview.total - preview.items.length;
  const { safety } = preview;
  return (
    <div className="bulk-preview">
      <p><strong>{counted(preview.total, noun)}</strong> <span className="hint" title="The exact list; if it is another one when it starts, you are asked again.">as of position {count(preview.position)}, list <code>{preview.digest.slice(0, 18)}</code></span></p>
      <ul className="bulk-expected">
        {expected.map(([result, words]) => (
          <li key={result}><StateLabel state={result} word={`${count(preview.expected[result] ?? 0)} ${words}`} /></li>
        ))}
      </ul>
      {preview.refusals.length > 0 && (
        <ul className="bulk-refusals">
          {preview.refusals.map((refusal) => (
            <li key={refusal.code}>{count(refusal.items)} × {refusal.why} <code>{refusal.code}</code></li>
          ))}
        </ul>
      )}
      {safety && (
        <p>
          To run again is <span className="verdict-safe">safe for {count(safety.safe)}</span>
          {safety.unknown > 0 && <>, <strong className="verdict-unknown">not known for {count(safety.unknown)}</strong></>}
          {safety.unsafe > 0 && <>, <strong className="verdict-unsafe">unsafe for {count(safety.unsafe)}</strong></>}.
        </p>
      )}
      <div className="bulk-first" tabIndex={0} role="region" aria-label="The first of them">
        <table>
          <thead><tr><th>Run</th><th>State</th>{preview.items.some((item) => item.step) && <th>Question</th>}<th>Expected</th></tr></thead>
          <tbody>
            {preview.items.map((item) => (
              <tr key={`${item.run_id} ${item.step ?? ""}`}>
                <th scope="row">
                  {item.workflow !== null && item.number !== null
                    ? <Link href={to.run(item.workflow, item.number)} target="_blank">{item.workflow}#{item.number}</Link>
                    : <code>{item.run_id}</code>}
                </th>
                <td>{item.state && <StateLabel state={item.state} />}</td>
                {preview.items.some((one) => one.step) && <td>{item.step}{item.summary && `: ${item.summary}`}</td>}
                <td title={item.why ?? undefined}>
                  {lookOf(item.expected).word}
                  {item.verdict && item.verdict !== "safe" && <span className={`verdict-${item.verdict}`}> ({item.verdict})</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {hidden > 0 && <p className="hint">and {count(hidden)} more</p>}
      </div>
    </div>
  );
}
