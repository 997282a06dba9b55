import { useEffect, useState } from "react";
import { count } from "../core/format.ts";
import { NO_STEP, stateOf, type Grid } from "../core/matrix.ts";
import { Link } from "../parts/Link.tsx";
import { StateLabel, StateMark } from "../parts/State.tsx";
import { to, withParams } from "../route.ts";
import { remarks, stateWord } from "./words.ts";

const ROWS = 30;
const COLUMNS = 12;

/** The same as a real table, a window at a time, the newest runs first to be seen. */
export function TableView({ workflow, grid, rows }: { workflow: string; grid: Grid; rows: Int32Array }) {
  const [fromEnd, setFromEnd] = useState(0);
  const [top, setTop] = useState(0);
  useEffect(() => setTop(0), [rows.length]);
  const end = Math.max(0, grid.columns.length - fromEnd);
  const columns = grid.columns.slice(Math.max(0, end - COLUMNS), end);
  const shown = [...rows.slice(top, top + ROWS)];
  const last = Math.min(rows.length, top + ROWS);
  return (
    <div className="matrix-table">
      <div className="matrix-tools">
        <button type="button" disabled={end <= COLUMNS} onClick={() => setFromEnd(fromEnd + COLUMNS)}>Earlier runs</button>
        <button type="button" disabled={fromEnd === 0} onClick={() => setFromEnd(Math.max(0, fromEnd - COLUMNS))}>Later runs</button>
        <button type="button" disabled={top === 0} onClick={() => setTop(Math.max(0, top - ROWS))}>Steps before</button>
        <button type="button" disabled={last >= rows.length} onClick={() => setTop(top + ROWS)}>Steps after</button>
      </div>
      <div className="matrix-table-scroll" tabIndex={0} role="region" aria-label="Steps by runs">
        <table>
          <caption>
            Steps {count(Math.min(top + 1, last))} to {count(last)} of {count(rows.length)}, runs #{columns[0]?.number} to #{columns.at(-1)?.number}
          </caption>
          <thead>
            <tr>
              <th scope="col">Step</th>
              {columns.map((column) => (
                <th key={column.number} scope="col">
                  <Link href={to.run(workflow, column.number)}>#{column.number}</Link> <StateLabel state={column.state} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row}>
                <th scope="row">{grid.steps[row]?.name}</th>
                {columns.map((column) => {
                  const code = column.cells[row] ?? NO_STEP;
                  const state = stateOf(code);
                  if (state === null) return <td key={column.number} className="quiet-text">{stateWord(code)}</td>;
                  return (
                    <td key={column.number}>
                      <Link href={withParams({ run: column.number, step: grid.steps[row]?.name })} replace>
                        <StateMark state={state} /> {[stateWord(code), ...remarks(column, row)].join(", ")}
                      </Link>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
