import type { Carried, StepVerdict } from "../api/query.ts";

interface Props {
  verdicts: StepVerdict[];
  carried?: Carried[];
  mustAccept: boolean;
  accepted: boolean;
  onAccept: (accepted: boolean) => void;
}

/** Whether it is safe that each of these steps runs again, and why; and the box to accept it. */
export function Verdicts({ verdicts, carried = [], mustAccept, accepted, onAccept }: Props) {
  return (
    <div className="verdicts">
      <table>
        <thead>
          <tr>
            <th>Runs again</th>
            <th>Safe?</th>
            <th>Because</th>
          </tr>
        </thead>
        <tbody>
          {verdicts.map((one) => (
            <tr key={one.step}>
              <th scope="row">{one.step}</th>
              <td className={`verdict verdict-${one.verdict}`}>{one.verdict}</td>
              <td>{(one.reasons ?? []).join("; ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {carried.length > 0 && (
        <p className="hint">Carried over, not run again: {carried.map((one) => one.step).join(", ")}.</p>
      )}
      {mustAccept && (
        <label className="check">
          <input type="checkbox" checked={accepted} onChange={(event) => onAccept(event.target.checked)} />
          I have seen what is not known to be safe, and accept that it runs again. This goes on record.
        </label>
      )}
    </div>
  );
}
