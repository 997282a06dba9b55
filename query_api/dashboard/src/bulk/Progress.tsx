import type { BulkDetail, BulkOperation } from "../api/query.ts";
import { count, duration } from "../core/format.ts";
import { lookOf } from "../core/states.ts";
import { pace, rateText } from "./words.ts";

const RESULTS = ["done", "nothing", "refused", "not_found"] as const;

/** How far an operation is, by result, as a bar. What it shows stands in words beside it. */
export function ProgressBar({ of }: { of: BulkOperation }) {
  const share = (value: number) => `${(100 * value) / Math.max(1, of.total)}%`;
  return (
    <div className="bulk-bar" role="progressbar" aria-label="Items with a result" aria-valuemin={0} aria-valuemax={of.total} aria-valuenow={of.total - of.left}>
      {RESULTS.map((result) => of[result] > 0 && (
        <span key={result} className={`tone-${lookOf(result).tone}`} style={{ width: share(of[result]) }} />
      ))}
    </div>
  );
}

/** The bar with its numbers, how fast it goes, and how long the rest takes at that. */
export function Progress({ of }: { of: BulkDetail }) {
  const goes = pace(of);
  const over = of.ended_at !== null;
  return (
    <div className="bulk-progress">
      <ProgressBar of={of} />
      <p className="bulk-numbers">
        <strong>{count(of.total - of.left)} of {count(of.total)}</strong>
        {goes && <span>{rateText(goes.rate)}</span>}
        {goes && !over && of.left > 0 && <span>about {duration(Math.ceil(goes.left_s))} left</span>}
        {of.left > 0 && over && <span>{count(of.left)} left as they were</span>}
      </p>
    </div>
  );
}
