import type { StepAnswer } from "../api/query.ts";
import { Link } from "../parts/Link.tsx";
import { usePlace, withParams } from "../route.ts";

export type StepTab = "error" | "approval" | "log" | "output" | "attempts";

const TITLES: Record<StepTab, string> = {
  error: "Error",
  approval: "Approval",
  log: "Log",
  output: "Output",
  attempts: "Attempts",
};

/** Those that say something of this step. */
export function tabsOf(step: StepAnswer): StepTab[] {
  const failed = step.error !== null || step.attempts.some((attempt) => attempt.error !== null || attempt.outcome === "unknown");
  const found: StepTab[] = [];
  if (failed || step.state === "rejected") found.push("error");
  if (step.kind === "approval" || step.approvals.length > 0) found.push("approval");
  if (step.attempts.length > 0) found.push("log");
  found.push("output");
  if (step.kind === "task") found.push("attempts");
  return found;
}

/** What a reader of this step wants to see first. */
export function firstTab(step: StepAnswer): StepTab {
  const tabs = tabsOf(step);
  if (step.state === "failed" || step.state === "rejected") return tabs.includes("error") ? "error" : (tabs[0] ?? "output");
  if (tabs.includes("approval") && (step.state === "waiting_for_approval" || step.kind === "approval")) return "approval";
  return tabs.includes("log") ? "log" : "output";
}

/** The tab that the address names, else the one that is wanted first. */
export function useShown(step: StepAnswer): StepTab {
  const { params } = usePlace();
  const named = params.get("show") as StepTab | null;
  if (named !== null && tabsOf(step).includes(named)) return named;
  return /^#L\d+$/.test(location.hash) && step.attempts.length > 0 ? "log" : firstTab(step);
}

export function StepTabs({ step, shown }: { step: StepAnswer; shown: StepTab }) {
  usePlace();
  return (
    <nav className="tabs" aria-label="Of the step">
      {tabsOf(step).map((tab) => (
        <Link key={tab} href={withParams({ show: tab })} replace aria-current={tab === shown ? "page" : undefined}>
          {TITLES[tab]}
          {tab === "attempts" && step.attempts.length > 1 && <span className="badge">{step.attempts.length}</span>}
        </Link>
      ))}
    </nav>
  );
}
