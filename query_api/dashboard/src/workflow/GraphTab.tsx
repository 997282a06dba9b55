import type { StepDefinition, WorkflowAnswer } from "../api/query.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { StepGraph } from "../matrix/StepGraph.tsx";
import { counted } from "../core/format.ts";
import { members } from "../core/versions.ts";
import { Empty } from "../parts/Empty.tsx";
import { Shown } from "../parts/Problem.tsx";
import { setParams, usePlace } from "../route.ts";

/** The graph of a version, and what is declared of the step that is chosen in it. */
export function GraphTab({ workflow, newest }: { workflow: string; newest: number }) {
  const { params } = usePlace();
  const asked = Number(params.get("version")) || null;
  const answer = useAnswer<WorkflowAnswer>(
    `/workflows/${encodeURIComponent(workflow)}${asked === null ? "" : `?version=${asked}`}`,
    { relevant: (event) => event.topic.startsWith("workflow.") },
  );
  return (
    <Shown of={answer}>
      {({ version, definition }) => {
        const steps = (definition.steps ?? []).map((step) => ({ name: step.name, kind: step.kind ?? "task", needs: step.needs ?? [] }) as const);
        const chosen = definition.steps?.find((step) => step.name === params.get("step"));
        return (
          <div className="workflow-graph">
            <p>
              <VersionChoice label="Version" value={version} newest={newest} onChange={(value) => setParams({ version: value === newest ? null : value })} />{" "}
              <span className="quiet-text">{counted(steps.length, "step")}</span>
            </p>
            {steps.length === 0 ? (
              <Empty title="This version names no steps"><p>Its runs are observed, and bring their steps along.</p></Empty>
            ) : (
              <StepGraph steps={steps} {...(chosen ? { selected: chosen.name } : {})}
                onSelect={(step) => setParams({ step: step === chosen?.name ? null : step })} />
            )}
            {chosen && <Declared step={chosen} />}
          </div>
        );
      }}
    </Shown>
  );
}

interface ChoiceProps {
  label: string;
  value: number;
  newest: number;
  onChange: (version: number) => void;
}

export function VersionChoice({ label, value, newest, onChange }: ChoiceProps) {
  return (
    <label>
      {label}{" "}
      <select value={value} onChange={(event) => onChange(Number(event.target.value))}>
        {Array.from({ length: newest }, (_, index) => newest - index).map((version) => (
          <option key={version} value={version}>{version}{version === newest ? " (newest)" : ""}</option>
        ))}
      </select>
    </label>
  );
}

/** What its author declared of a step, member by member. */
function Declared({ step }: { step: StepDefinition }) {
  const { name, description, ...declared } = step;
  return (
    <section className="workflow-declared" aria-label={`Step ${name}`}>
      <h2>{name}</h2>
      {description && <p>{description}</p>}
      <dl>
        {members(declared).map(([member, value]) => (
          <div key={member}><dt>{member.replaceAll("_", " ").replace(".", ": ")}</dt><dd>{value}</dd></div>
        ))}
      </dl>
    </section>
  );
}
