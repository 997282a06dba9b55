import { useState } from "react";
import { ActionButton } from "../actions/ActionButton.tsx";
import { useMay } from "../api/session.ts";
import type { RunSummary } from "../api/query.ts";
import { BulkDialog } from "../bulk/BulkDialog.tsx";
import { VERBS, type Verb } from "../bulk/words.ts";
import { counted } from "../core/format.ts";
import { isOver } from "../core/states.ts";
import { askedWith, bulkFilter, paramsOf, type Filters } from "./filters.ts";
import { idsThatFit } from "./reading.ts";
import type { Selection } from "./selection.ts";

interface Props {
  selection: Selection;
  /** Those that were read, to say what cannot be done with any of them. */
  runs: RunSummary[];
  filters: Filters;
  onChange: (selection: Selection) => void;
  onClear: () => void;
}

/** What can be done with the runs that are chosen, by what the reader's roles come to. */
export function SelectionBar({ selection, runs, filters, onChange, onClear }: Props) {
  const [verb, setVerb] = useState<Verb | null>(null);
  const operator = useMay("operator");
  const approver = useMay("approver");
  const verbs: Verb[] = [...(operator ? (["cancel", "retry"] as const) : []), ...(approver ? (["approve", "reject", "redo"] as const) : [])];
  const named = paramsOf(filters) !== "";
  const chosen = runs.filter((run) => selection.ids.has(run.run_id));

  async function which() {
    if (!selection.all) return { run_ids: [...selection.ids] };
    const now = new Date();
    return bulkFilter(filters, now) ?? { run_ids: await idsThatFit(askedWith(filters, now)) };
  }
  return (
    <div className="runs-chosen" role="region" aria-label="Runs that are chosen">
      <strong role="status">{selection.all ? "All that fit the filter" : `${counted(selection.ids.size, "run")} chosen`}</strong>
      {!selection.all && (
        <ActionButton whyNot={named ? undefined : "Filter first: no bulk operation is about every run there is."}
          onClick={() => onChange({ ids: new Set(), all: true, anchor: null })}>
          Choose all that fit the filter
        </ActionButton>
      )}
      <span className="runs-verbs">
        {verbs.map((one) => (
          <ActionButton key={one} kind={one === "cancel" ? "danger" : "plain"} whyNot={selection.all ? undefined : useless(one, chosen)}
            onClick={() => setVerb(one)}>
            {`${VERBS[one].word}…`}
          </ActionButton>
        ))}
      </span>
      <button type="button" className="quiet" onClick={onClear}>Choose none</button>
      {verb && <BulkDialog verb={verb} which={which} onClose={() => setVerb(null)} />}
    </div>
  );
}

/** Why it would come to nothing with every one of them. */
function useless(verb: Verb, runs: RunSummary[]): string | undefined {
  if (runs.length === 0) return undefined;
  const none = (fits: (run: RunSummary) => boolean) => !runs.some(fits);
  if (none((run) => !run.observed)) return "They are observed: they run elsewhere, and cannot be steered from here.";
  if (verb === "retry") return none((run) => isOver(run.state)) ? "None of them is over: only finished runs are retried." : undefined;
  if (verb === "cancel" || verb === "redo") return none((run) => !isOver(run.state)) ? "All of them are over." : undefined;
  return none((run) => run.waiting || (run.step_counts.waiting_for_approval ?? 0) > 0) ? "None of them waits for approval." : undefined;
}
