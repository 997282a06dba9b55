import { useState } from "react";
import { count } from "../core/format.ts";

interface Props {
  value: unknown;
  name?: string;
  /** Levels that are open at first. */
  open?: number;
}

const MOST_SHOWN = 200;

/** Any JSON value, as text only, in levels that fold. */
export function Tree({ value, name, open = 2 }: Props) {
  return (
    <div className="tree">
      <Node value={value} name={name} open={open} />
    </div>
  );
}

function Node({ value, name, open }: { value: unknown; name: string | undefined; open: number }) {
  const key = name !== undefined && <span className="tree-key">{name}: </span>;
  if (typeof value !== "object" || value === null) {
    return (
      <div className="tree-leaf">
        {key}
        <Leaf value={value} />
      </div>
    );
  }
  const entries = Array.isArray(value)
    ? value.map((one, index) => [String(index), one] as const)
    : Object.entries(value);
  return <Branch label={key} entries={entries} list={Array.isArray(value)} open={open} />;
}

function Branch(props: {
  label: React.ReactNode;
  entries: (readonly [string, unknown])[];
  list: boolean;
  open: number;
}) {
  const [opened, setOpened] = useState(props.open > 0);
  const [most, setMost] = useState(MOST_SHOWN);
  const { entries, list } = props;
  const size = entries.length === 0 ? "" : ` ${count(entries.length)} `;
  const said = list ? `[${size}]` : `{${size}}`;
  if (entries.length === 0) return <div className="tree-leaf">{props.label}{said}</div>;
  return (
    <details open={opened} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>{props.label}<span className="tree-size">{said}</span></summary>
      {opened && entries.slice(0, most).map(([key, one]) => <Node key={key} name={key} value={one} open={props.open - 1} />)}
      {opened && entries.length > most && (
        <button type="button" className="small quiet" onClick={() => setMost(most * 10)}>
          {count(entries.length - most)} more
        </button>
      )}
    </details>
  );
}

const LONG = 2000;

function Leaf({ value }: { value: unknown }) {
  const [whole, setWhole] = useState(false);
  if (typeof value !== "string") return <span className={`tree-${typeof value}`}>{String(value)}</span>;
  const cut = !whole && value.length > LONG;
  return (
    <span className="tree-string">
      {cut ? value.slice(0, LONG) : value}
      {cut && (
        <button type="button" className="small quiet" onClick={() => setWhole(true)}>
          {count(value.length - LONG)} more characters
        </button>
      )}
    </span>
  );
}
