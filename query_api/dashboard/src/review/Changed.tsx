import type { Review } from "../api/query.ts";
import { When } from "../parts/Time.tsx";

interface Props {
  /** What the reader has before them. */
  shown: Review;
  /** What is asked now, where it is known already. */
  newer: Review | undefined;
  /** In the words of the refusal, where a decision met one. */
  refused: string | undefined;
  /** The reader has answered what is shown. */
  decided: boolean;
  onLoad: () => void;
}

/** What is asked is no longer what is shown: what has changed, and the way to it. */
export function Changed({ shown, newer, refused, decided, onLoad }: Props) {
  const redo = newer?.redo;
  const happened = refused !== undefined ? "It was not decided: this has changed."
    : decided ? "It is asked again." : "This has changed while you looked at it.";
  return (
    <div className="note review-changed" role="alert">
      <p><strong>{happened}</strong></p>
      {refused !== undefined ? <p>{refused}</p> : newer && (
        <p>
          {newer.iteration === shown.iteration ? "Something else is asked in this iteration" : `Iteration ${newer.iteration} is asked by ${newer.requested_by}`}{" "}
          <When at={newer.requested_at} />
          {redo && <>, since step {redo.step} {redo.after_rejection ? "was rejected" : `is done again, as ${redo.by} asked`}</>}.
        </p>
      )}
      {redo?.feedback && refused === undefined && <blockquote>{redo.feedback}</blockquote>}
      {!decided && <p>Your comment{shown.form && " and your form"} will be kept.</p>}
      <button type="button" className="primary" onClick={onLoad}>Show what is asked now</button>
    </div>
  );
}
