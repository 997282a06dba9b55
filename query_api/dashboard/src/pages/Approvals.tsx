import { useRef } from "react";
import { useLive } from "../api/live.ts";
import type { ApprovalList } from "../api/query.ts";
import { useSession } from "../api/session.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { Filters } from "../approvals/Filters.tsx";
import { chosen, concerns, pathOf, type Choice } from "../approvals/inbox.ts";
import { Row } from "../approvals/Row.tsx";
import { useRowKeys } from "../approvals/useRowKeys.ts";
import { Empty } from "../parts/Empty.tsx";
import { useTitle } from "../parts/Frame.tsx";
import { Link } from "../parts/Link.tsx";
import { Shown } from "../parts/Problem.tsx";
import { usePlace, withParams } from "../route.ts";
import "../approvals/inbox.css";

/** The inbox: what waits for the reader, and what waits for others. */
export function Approvals() {
  useTitle("Approvals");
  const { name } = useSession();
  const choice = chosen(usePlace().params);
  const items = useRef<ApprovalList["items"]>(undefined);
  const answer = useAnswer<ApprovalList>(pathOf(choice), { relevant: (event) => concerns(items.current)(event) });
  items.current = answer.data?.items;
  // All of runs: what is open ends with its step, and with its run.
  useLive({ topic: "run." }, answer.data?.position);
  const list = useRef<HTMLOListElement>(null);
  useRowKeys(list, ".inbox-what");
  return (
    <>
      <div className="page-head">
        <h1>Approvals</h1>
        <p className="hint inbox-keys"><kbd>j</kbd> <kbd>k</kbd> next and previous, <kbd>Enter</kbd> opens</p>
      </div>
      <Filters choice={choice} />
      {pathOf(choice) === null ? <Empty title="Whose approvals?"><p>Name a person: what waits for them is listed here.</p></Empty> : (
        <Shown of={answer}>
          {(found) => (
            <>
              {found.items.length === 0 ? <Nothing choice={choice} /> : (
                <ol className="inbox" ref={list}>
                  {found.items.map((one) => (
                    <Row key={`${one.run_id}/${one.step}/${one.iteration}`} approval={one} whose={name} />
                  ))}
                </ol>
              )}
              <nav className="inbox-pages" aria-label="Pages">
                {choice.cursor && <Link href={withParams({ cursor: null })}>Newest</Link>}
                {found.next && <Link href={withParams({ cursor: found.next })}>Older</Link>}
              </nav>
            </>
          )}
        </Shown>
      )}
    </>
  );
}

function Nothing({ choice }: { choice: Choice }) {
  const filtered = choice.workflow !== "";
  if (choice.of === "decided") return <Empty title="Nothing has been decided"><p>Approvals are listed here when they are over.</p></Empty>;
  if (choice.of === "mine" && !filtered)
    return (
      <Empty title="Nothing waits for you">
        <p><Link href={withParams({ of: "open" })}>All that is open</Link>, or <Link href={withParams({ of: "decided" })}>what was decided</Link></p>
      </Empty>
    );
  return <Empty title="Nothing is open here"><p><Link href="/approvals?of=open">All that is open</Link></p></Empty>;
}
