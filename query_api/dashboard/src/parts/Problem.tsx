import type { ReactNode } from "react";
import { Problem } from "../api/client.ts";

/** An error as the service tells it, and what can be done. */
export function ProblemNote({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  return (
    <div className="problem" role="alert">
      <strong>{problem.title}.</strong> {problem.detail}
      {problem.errors.length > 0 && (
        <ul>
          {problem.errors.map((error, index) => (
            <li key={index}>
              <code>{error.pointer ?? error.parameter}</code> {error.detail}
            </li>
          ))}
        </ul>
      )}
      {onRetry && (
        <button type="button" onClick={onRetry}>
          Ask again
        </button>
      )}
    </div>
  );
}

/** What is shown of an answer: a problem, nothing yet, or itself; old data stays with a note. */
export function Shown<T>(props: {
  of: { data: T | undefined; problem: Problem | undefined; refresh: () => Promise<void> };
  children: (data: T) => ReactNode;
  waiting?: ReactNode;
}) {
  const { data, problem, refresh } = props.of;
  return (
    <>
      {problem && <ProblemNote problem={problem} onRetry={() => void refresh()} />}
      {data !== undefined ? props.children(data) : !problem && (props.waiting ?? <Waiting />)}
    </>
  );
}

/** Shown after a moment only, so that quick answers do not flicker. */
export function Waiting() {
  return (
    <p className="waiting" role="status">
      Loading…
    </p>
  );
}
