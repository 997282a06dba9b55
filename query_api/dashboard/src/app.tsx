import { lazy, Suspense, useEffect, type ComponentType } from "react";
import { useSessionState } from "./api/session.ts";
import { Frame } from "./parts/Frame.tsx";
import { Empty } from "./parts/Empty.tsx";
import { Link } from "./parts/Link.tsx";
import { Mishap } from "./parts/Mishap.tsx";
import { Waiting } from "./parts/Problem.tsx";
import { SignIn } from "./pages/SignIn.tsx";
import { match, navigate, to, usePlace } from "./route.ts";

/** A page in a file of its own, which comes when it is wanted. */
function page<P extends object>(load: () => Promise<ComponentType<P>>) {
  LOADERS.push(load);
  return lazy(async () => ({ default: await load() }));
}
const LOADERS: (() => Promise<unknown>)[] = [];

const Approvals = page(async () => (await import("./pages/Approvals.tsx")).Approvals);
const Bulk = page(async () => (await import("./pages/Bulk.tsx")).Bulk);
const BulkOperation = page(async () => (await import("./pages/BulkOperation.tsx")).BulkOperation);
const Event = page(async () => (await import("./pages/Event.tsx")).Event);
const Events = page(async () => (await import("./pages/Events.tsx")).Events);
const Review = page(async () => (await import("./pages/Review.tsx")).Review);
const Run = page(async () => (await import("./pages/Run.tsx")).Run);
const Runs = page(async () => (await import("./pages/Runs.tsx")).Runs);
const System = page(async () => (await import("./pages/System.tsx")).System);
const Workflow = page(async () => (await import("./pages/Workflow.tsx")).Workflow);
const Workflows = page(async () => (await import("./pages/Workflows.tsx")).Workflows);

/** Once the page that was asked for stands, the others are fetched, so that they open at once. */
function fetchPages(): void {
  const idle = window.requestIdleCallback ?? ((then: () => void) => setTimeout(then, 500));
  idle(() => {
    for (const load of LOADERS) load().catch(() => {}); // it is tried again when it is wanted
  });
}

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

  useEffect(() => {
    if (session.is === "in") fetchPages();
  }, [session.is]);

  if (session.is === "asking") return null;
  if (session.is === "away") return <Empty page title="Nobody answers"><p>The service is away. This page asks again each second.</p></Empty>;
  if (session.is === "out") return <SignIn why={session.why} />;
  if (place.path === "/") return null;
  for (const [pattern, area, show] of PAGES) {
    const found = match(pattern, place.path);
    if (found) return (
      <Frame area={area}>
        <Mishap key={place.path}>
          <Suspense fallback={<Waiting />}>{show(found)}</Suspense>
        </Mishap>
      </Frame>
    );
  }
  return (
    <Frame area="">
      <Empty page title="There is nothing at this address">
        <p><Link href={to.workflows()}>All workflows</Link></p>
      </Empty>
    </Frame>
  );
}
