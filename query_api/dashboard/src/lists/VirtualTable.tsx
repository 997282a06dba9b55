import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useRef, type ReactNode } from "react";
import { counted } from "../core/format.ts";
import { ProblemNote, Waiting } from "../parts/Problem.tsx";
import type { Paged } from "./paged.ts";
import "./lists.css";

interface Props<T> {
  list: Paged<T>;
  label: string;
  /** Class of the table: widths of its columns. */
  className: string;
  rowHeight: number;
  head: ReactNode;
  /** A `tr` with `aria-rowindex`. */
  row: (row: T, index: number) => ReactNode;
  id: (row: T) => string;
  /** What the list is of: "run", for "12 new runs". */
  noun: string;
  empty: ReactNode;
}

/** How many rows before the end the next page is asked for. */
const AHEAD = 60;

/** A table that has only the rows in view in the page, and reads on as it is scrolled. */
export function VirtualTable<T>(props: Props<T>) {
  const { list, rowHeight, id } = props;
  const scroller = useRef<HTMLDivElement>(null);
  // The same functions each time: other ones would have every row measured anew.
  const getItemKey = useCallback(
    (index: number) => {
      const row = list.rows[index];
      return row === undefined ? index : id(row);
    },
    [list, id],
  );
  const virtual = useVirtualizer({
    count: list.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: useCallback(() => rowHeight, [rowHeight]),
    getItemKey,
    useFlushSync: false,
    overscan: 14,
    initialOffset: list.scrolled,
  });
  useLayoutEffect(() => {
    if (scroller.current) scroller.current.scrollTop = list.scrolled;
  }, [list]);

  const shown = virtual.getVirtualItems();
  const first = shown[0]?.index ?? 0;
  const last = shown.at(-1)?.index ?? -1;
  useEffect(() => {
    list.seen = [first, Math.max(last, first)];
    list.scrolled = virtual.scrollOffset ?? list.scrolled; // (to ask the element would cost a layout)
    if (last >= list.rows.length - AHEAD) void list.more();
  });

  async function anew() {
    await list.anew();
    scroller.current?.scrollTo({ top: 0 });
    scroller.current?.focus();
  }

  if (list.pages.length === 0) return list.problem ? <ProblemNote problem={list.problem} onRetry={() => void list.more()} /> : <Waiting />;
  const fresh = list.unseen + list.gone > 0;
  if (list.rows.length === 0 && !fresh) return <>{props.empty}</>;
  const above = shown[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    <div className="list">
      {list.problem && <ProblemNote problem={list.problem} onRetry={() => void list.more()} />}
      <div className="list-news" role="status">
        {fresh && <button type="button" className="primary small" onClick={() => void anew()}>{news(list, props.noun)}</button>}
      </div>
      <div ref={scroller} className="list-scroll" tabIndex={0} role="region" aria-label={props.label}>
        <table className={props.className} aria-rowcount={list.next === null ? list.rows.length + 1 : -1}>
          <thead>{props.head}</thead>
          <tbody>
            {above > 0 && <tr className="list-space" aria-hidden="true"><td style={{ height: above }} /></tr>}
            {shown.map((item) => {
              const row = list.rows[item.index];
              return row === undefined ? null : props.row(row, item.index);
            })}
            {below > 0 && <tr className="list-space" aria-hidden="true"><td style={{ height: below }} /></tr>}
          </tbody>
        </table>
        {list.loading && <p className="list-loading hint">Loading more…</p>}
      </div>
    </div>
  );
}

function news<T>(list: Paged<T>, noun: string): string {
  const parts: string[] = [];
  if (list.unseen > 0) parts.push(counted(list.unseen, `new ${noun}`));
  if (list.gone > 0) parts.push(`${list.gone} no longer ${list.gone === 1 ? "fits" : "fit"}`);
  return `↑ ${parts.join(", ")}: show`;
}
