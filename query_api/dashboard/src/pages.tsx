import { useEffect, useState, type ComponentType, type ReactNode } from "react";
import { Waiting } from "./parts/Problem.tsx";
import { match } from "./route.ts";

interface Loaded<P> {
  Page: ComponentType<P>;
  load: () => Promise<unknown>;
}

/**
 * A page in a file of its own, which comes when it is wanted. Not React's lazy: whoever has
 * been shown that something is awaited is kept waiting by that for 300 ms at least.
 */
function page<P extends object>(fetched: () => Promise<ComponentType<P>>): Loaded<P> {
  let There: ComponentType<P> | undefined;
  const load = async () => {
    There = await fetched();
  };
  function Page(props: P) {
    const [wrong, setWrong] = useState<{ error: unknown }>();
    const [, redraw] = useState(0);
    useEffect(() => {
      if (There === undefined) insist(load).then(() => redraw(1), (error: unknown) => setWrong({ error }));
    }, []);
    if (wrong) throw wrong.error;
    return There === undefined ? <Waiting /> : <There {...props} />;
  }
  return { Page, load };
}

const PAUSE_MS = 1000;
const ANEW = "loaded-anew";

/** A page's file, however long the service is away; after a newer build it is another file. */
async function insist<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await load();
    } catch (error) {
      const answers = await fetch("/", { headers: { accept: "text/html" } }).then((answer) => answer.ok, () => false);
      const last = Number(sessionStorage.getItem(ANEW) ?? 0);
      if (answers && Date.now() - last < 10 * PAUSE_MS) throw error;
      if (answers) {
        sessionStorage.setItem(ANEW, String(Date.now()));
        location.reload();
      }
      await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
  }
}

const approvals = page(async () => (await import("./pages/Approvals.tsx")).Approvals);
const bulk = page(async () => (await import("./pages/Bulk.tsx")).Bulk);
const bulkOperation = page(async () => (await import("./pages/BulkOperation.tsx")).BulkOperation);
const event = page(async () => (await import("./pages/Event.tsx")).Event);
const events = page(async () => (await import("./pages/Events.tsx")).Events);
const review = page(async () => (await import("./pages/Review.tsx")).Review);
const run = page(async () => (await import("./pages/Run.tsx")).Run);
const runs = page(async () => (await import("./pages/Runs.tsx")).Runs);
const system = page(async () => (await import("./pages/System.tsx")).System);
const workflow = page(async () => (await import("./pages/Workflow.tsx")).Workflow);
const workflows = page(async () => (await import("./pages/Workflows.tsx")).Workflows);

type Found = Record<string, string>;
const text = (value: string | undefined) => value ?? "";

interface Page {
  pattern: string;
  /** Which of the areas in the frame it belongs to. */
  area: string;
  load: () => Promise<unknown>;
  show: (found: Found) => ReactNode;
}

/** Every page and its address. A page gets the parts of its path; the rest is in the URL. */
const PAGES: Page[] = [
  { pattern: "/workflows", area: "Workflows", load: workflows.load, show: () => <workflows.Page /> },
  {
    pattern: "/workflows/:name",
    area: "Workflows",
    load: workflow.load,
    show: ({ name }) => <workflow.Page key={name} name={text(name)} />,
  },
  { pattern: "/runs", area: "Runs", load: runs.load, show: () => <runs.Page /> },
  {
    pattern: "/runs/:workflow/:number",
    area: "Runs",
    load: run.load,
    show: (found) => (
      <run.Page key={`${found.workflow}#${found.number}`} workflow={text(found.workflow)} number={Number(found.number)} />
    ),
  },
  { pattern: "/approvals", area: "Approvals", load: approvals.load, show: () => <approvals.Page /> },
  {
    pattern: "/approvals/:workflow/:number/:step",
    area: "Approvals",
    load: review.load,
    show: ({ workflow, number, step }) => (
      <review.Page key={`${workflow}#${number}/${step}`} workflow={text(workflow)} number={Number(number)} step={text(step)} />
    ),
  },
  { pattern: "/events", area: "Events", load: events.load, show: () => <events.Page /> },
  {
    pattern: "/events/:position",
    area: "Events",
    load: event.load,
    show: ({ position }) => <event.Page key={position} position={Number(position)} />,
  },
  { pattern: "/bulk", area: "Runs", load: bulk.load, show: () => <bulk.Page /> },
  {
    pattern: "/bulk/:id",
    area: "Runs",
    load: bulkOperation.load,
    show: ({ id }) => <bulkOperation.Page key={id} id={text(id)} />,
  },
  { pattern: "/system", area: "System", load: system.load, show: () => <system.Page /> },
];

/** What stands at a path, if anything does. */
export function pageAt(path: string): { area: string; shown: ReactNode } | null {
  for (const { pattern, area, show } of PAGES) {
    const found = match(pattern, path);
    if (found) return { area, shown: show(found) };
  }
  return null;
}

function prepare(path: string): void {
  const wanted = PAGES.find(({ pattern }) => match(pattern, path) !== null);
  wanted?.load().catch(() => {}); // it is tried again when it is shown
}

/** Fetch the page of this address now, and others as soon as somebody points at a link to them. */
export function preparePages(): void {
  prepare(location.pathname === "/" ? "/workflows" : location.pathname);
  const pointedAt = ({ target }: Event) => {
    const link = target instanceof Element ? target.closest("a") : null;
    if (link !== null && link.origin === location.origin) prepare(link.pathname);
  };
  document.addEventListener("pointerover", pointedAt, { passive: true });
  document.addEventListener("focusin", pointedAt);
}
