import { useEffect } from "react";
import { useSessionState } from "./api/session.ts";
import { Frame } from "./parts/Frame.tsx";
import { Empty } from "./parts/Empty.tsx";
import { Link } from "./parts/Link.tsx";
import { SignIn } from "./pages/SignIn.tsx";
import { Approvals } from "./pages/Approvals.tsx";
import { Bulk } from "./pages/Bulk.tsx";
import { BulkOperation } from "./pages/BulkOperation.tsx";
import { Event } from "./pages/Event.tsx";
import { Events } from "./pages/Events.tsx";
import { Review } from "./pages/Review.tsx";
import { Run } from "./pages/Run.tsx";
import { Runs } from "./pages/Runs.tsx";
import { System } from "./pages/System.tsx";
import { Workflow } from "./pages/Workflow.tsx";
import { Workflows } from "./pages/Workflows.tsx";
import { match, navigate, to, usePlace } from "./route.ts";

type Found = Record<string, string>;
const text = (value: string | undefined) => value ?? "";

/** Every page and its address. A page gets the parts of its path; the rest is in the URL. */
const PAGES: [string, string, (found: Found) => React.ReactNode][] = [
  ["/workflows", "Workflows", () => <Workflows />],
  ["/workflows/:name", "Workflows", ({ name }) => <Workflow key={name} name={text(name)} />],
  ["/runs", "Runs", () => <Runs />],
  ["/runs/:workflow/:number", "Runs", ({ workflow, number }) => (
    <Run key={`${workflow}#${number}`} workflow={text(workflow)} number={Number(number)} />
  )],
  ["/approvals", "Approvals", () => <Approvals />],
  ["/approvals/:workflow/:number/:step", "Approvals", ({ workflow, number, step }) => (
    <Review key={`${workflow}#${number}/${step}`} workflow={text(workflow)} number={Number(number)} step={text(step)} />
  )],
  ["/events", "Events", () => <Events />],
  ["/events/:position", "Events", ({ position }) => <Event key={position} position={Number(position)} />],
  ["/bulk", "Runs", () => <Bulk />],
  ["/bulk/:id", "Runs", ({ id }) => <BulkOperation key={id} id={text(id)} />],
  ["/system", "System", () => <System />],
];

export function App() {
  const session = useSessionState();
  const place = usePlace();
  useEffect(() => {
    if (session.is === "in" && place.path === "/") navigate(to.workflows(), { replace: true });
  }, [session.is, place.path]);

  if (session.is === "asking") return null;
  if (session.is === "away") return <Empty page title="Nobody answers"><p>The service is away. This page asks again each second.</p></Empty>;
  if (session.is === "out") return <SignIn why={session.why} />;
  if (place.path === "/") return null;
  for (const [pattern, area, page] of PAGES) {
    const found = match(pattern, place.path);
    if (found) return <Frame area={area}>{page(found)}</Frame>;
  }
  return (
    <Frame area="">
      <Empty page title="There is nothing at this address">
        <p><Link href={to.workflows()}>All workflows</Link></p>
      </Empty>
    </Frame>
  );
}
