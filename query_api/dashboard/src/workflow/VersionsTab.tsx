import type { VersionList, WorkflowAnswer } from "../api/query.ts";
import { never, useAnswer } from "../api/useAnswer.ts";
import { differences, same, type Change, type Differences } from "../core/versions.ts";
import { Link } from "../parts/Link.tsx";
import { ProblemNote, Shown, Waiting } from "../parts/Problem.tsx";
import { When } from "../parts/Time.tsx";
import { setParams, to, usePlace, withParams } from "../route.ts";
import { VersionChoice } from "./GraphTab.tsx";

/** All versions, and what is another between two of them. */
export function VersionsTab({ workflow, newest }: { workflow: string; newest: number }) {
  const { params } = usePlace();
  const after = Number(params.get("to")) || newest;
  const before = Number(params.get("from")) || Math.max(1, after - 1);
  return (
    <div className="workflow-versions">
      <Versions workflow={workflow} after={after} />
      <section aria-label="What changed">
        <h2>What changed</h2>
        {newest === 1 ? <p className="quiet-text">There is one version only.</p> : (
          <>
            <p className="workflow-from-to">
              <VersionChoice label="from version" value={before} newest={newest} onChange={(value) => setParams({ from: value })} />{" "}
              <VersionChoice label="to" value={after} newest={newest} onChange={(value) => setParams({ to: value })} />
            </p>
            <Compared workflow={workflow} before={before} after={after} />
          </>
        )}
      </section>
    </div>
  );
}

function Versions({ workflow, after }: { workflow: string; after: number }) {
  const cursor = usePlace().params.get("cursor");
  const path = `/workflows/${encodeURIComponent(workflow)}/versions?limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`;
  const answer = useAnswer<VersionList>(path, { relevant: (event) => event.topic.startsWith("workflow.") });
  return (
    <Shown of={answer}>
      {({ items, next }) => (
        <div className="workflow-scroll" tabIndex={0} role="region" aria-label="Versions">
          <table>
            <thead><tr><th>Version</th><th className="number">Steps</th><th>Registered</th><th>By</th><th>See</th></tr></thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.version} aria-current={one.version === after || undefined}>
                  <th scope="row">{one.version}</th>
                  <td className="number">{one.step_count}</td>
                  <td><When at={one.registered_at} /></td>
                  <td>{one.registered_by}</td>
                  <td className="workflow-links">
                    {one.version > 1 && <Link href={withParams({ from: one.version - 1, to: one.version })} replace>changes</Link>}
                    <Link href={`${to.workflow(workflow)}?view=graph&version=${one.version}`}>graph</Link>
                    <Link href={to.runs(`workflow=${encodeURIComponent(workflow)}&version=${one.version}`)}>runs</Link>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {(cursor || next) && (
            <p>
              {cursor && <Link href={withParams({ cursor: null })}>Newest</Link>} {next && <Link href={withParams({ cursor: next })}>Older</Link>}
            </p>
          )}
        </div>
      )}
    </Shown>
  );
}

function Compared({ workflow, before, after }: { workflow: string; before: number; after: number }) {
  const path = (version: number) => `/workflows/${encodeURIComponent(workflow)}?version=${version}`;
  const kept = { relevant: never }; // a version never changes
  const one = useAnswer<WorkflowAnswer>(path(before), kept);
  const other = useAnswer<WorkflowAnswer>(path(after), kept);
  const problem = one.problem ?? other.problem;
  if (problem) return <ProblemNote problem={problem} />;
  if (!one.data || !other.data) return <Waiting />;
  const found = differences(one.data.definition, other.data.definition);
  if (same(found)) return <p className="quiet-text">Nothing: both are the same.</p>;
  return <DifferenceList found={found} />;
}

function DifferenceList({ found }: { found: Differences }) {
  return (
    <ul className="workflow-diff">
      {found.workflow.length > 0 && <li><strong>The workflow</strong><Changes changes={found.workflow} /></li>}
      {found.added.map((step) => <li key={step} className="tone-done"><span aria-hidden="true">+</span> <strong>{step}</strong> was added</li>)}
      {found.removed.map((step) => <li key={step} className="tone-failed"><span aria-hidden="true">−</span> <strong>{step}</strong> was removed</li>)}
      {found.changed.map(({ step, changes }) => <li key={step}><strong>{step}</strong><Changes changes={changes} /></li>)}
    </ul>
  );
}

function Changes({ changes }: { changes: Change[] }) {
  return (
    <ul>
      {changes.map(({ member, before, after }) => (
        <li key={member}>
          {member.replaceAll("_", " ")}: <del>{before}</del> → <ins>{after}</ins>
        </li>
      ))}
    </ul>
  );
}
