import type { Barred, Decision, Delegation } from "../api/query.ts";
import { StateLabel } from "../parts/State.tsx";
import { When } from "../parts/Time.tsx";
import { Tree } from "../parts/Tree.tsx";

/** Who has decided, with what they said and filled in. */
export function Decisions({ decisions }: { decisions: Decision[] }) {
  if (decisions.length === 0) return null;
  return (
    <ul className="answers">
      {decisions.map((one) => (
        <li key={one.actor}>
          <p>
            <StateLabel state={one.decision} /> by <strong>{one.actor}</strong>
            {one.on_behalf_of && <> in the place of {one.on_behalf_of}</>}
            {one.groups.length > 0 && <span className="quiet-text"> ({one.groups.join(", ")})</span>} <When at={one.at} />
          </p>
          {one.comment && <blockquote>{one.comment}</blockquote>}
          {one.form !== null && <Tree value={one.form} open={2} />}
        </li>
      ))}
    </ul>
  );
}

export function Delegations({ delegations }: { delegations: Delegation[] }) {
  if (delegations.length === 0) return null;
  return (
    <ul className="answers">
      {delegations.map((one, index) => (
        <li key={index}>
          <p><strong>{one.actor}</strong> has <strong>{one.to}</strong> decide in their place <When at={one.at} /></p>
          {one.comment && <blockquote>{one.comment}</blockquote>}
        </li>
      ))}
    </ul>
  );
}

export function BarredPeople({ barred }: { barred: Barred[] }) {
  if (barred.length === 0) return null;
  return (
    <ul className="answers">
      {barred.map((one) => <li key={one.person}><strong>{one.person}</strong> does not decide: {one.person} {one.why}.</li>)}
    </ul>
  );
}
