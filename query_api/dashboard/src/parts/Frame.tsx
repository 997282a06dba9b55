import { useEffect, type ReactNode } from "react";
import type { ApprovalList } from "../api/query.ts";
import { signOut, useSession } from "../api/session.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { to } from "../route.ts";
import { FindRun } from "./FindRun.tsx";
import { Link } from "./Link.tsx";
import { LiveBadge } from "./LiveBadge.tsx";
import { ThemeButton } from "./ThemeButton.tsx";

const AREAS = [
  ["Workflows", to.workflows()],
  ["Runs", to.runs()],
  ["Approvals", to.approvals()],
  ["Events", to.events()],
  ["System", to.system()],
] as const;

/** What stands around every page. */
export function Frame({ area, children }: { area: string; children: ReactNode }) {
  const session = useSession();
  const inbox = useAnswer<ApprovalList>("/approvals?state=open&mine=true&limit=100", {
    relevant: (event) => event.topic.startsWith("run.approval."),
    everyMs: 30_000,
  });
  const waiting = inbox.data?.items.length ?? 0;
  return (
    <>
      <a className="skip" href="#page">Skip to the page</a>
      <header className="top">
        <Link className="brand" href={to.workflows()}>Runledger</Link>
        <nav aria-label="Areas">
          {AREAS.map(([name, href]) => (
            <Link key={name} href={href} aria-current={name === area ? "page" : undefined}>
              {name}
              {name === "Approvals" && waiting > 0 && (
                <span className="badge" title={`${waiting} waiting for you`}>{waiting >= 100 ? "99+" : waiting}</span>
              )}
            </Link>
          ))}
        </nav>
        <FindRun />
        <LiveBadge />
        <ThemeButton />
        <details className="who">
          <summary>{session.name}</summary>
          <div className="menu">
            <p>
              {session.namespace}: {session.roles.join(", ")}
              {session.groups.length > 0 && <><br />Groups: {session.groups.join(", ")}</>}
            </p>
            <button type="button" onClick={() => void signOut()}>Sign out</button>
          </div>
        </details>
      </header>
      <main id="page" tabIndex={-1}>{children}</main>
    </>
  );
}

/** The title of the browser's tab while a page is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Runledger`;
  }, [title]);
}
