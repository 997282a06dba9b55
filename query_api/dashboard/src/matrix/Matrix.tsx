import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { scales, type Grid } from "../core/matrix.ts";
import { columnSentence, cellSentence } from "./words.ts";
import type { Feed } from "./feed.ts";
import type { Place } from "./geometry.ts";
import { moved } from "./keyboard.ts";
import { MatrixView } from "./view.ts";

/** A cell, by what it is called; without a step, a run. */
export interface Selection {
  number: number;
  step: string | null;
}

interface Props {
  feed: Feed;
  grid: Grid;
  /** Counts what changed in the grid, which is the same one. */
  revision: number;
  rows: Int32Array;
  bars: boolean;
  perStep: boolean;
  shown: Uint8Array;
  selected: Selection | null;
  onSelect: (selection: Selection) => void;
  onClose: () => void;
}

/** The grid on canvas, with one real cell under the cursor for whoever does not see it. */
export function Matrix(props: Props) {
  const { feed, grid, revision, rows, bars, perStep, shown, selected, onSelect } = props;
  const root = useRef<HTMLDivElement>(null);
  const view = useRef<MatrixView | null>(null);
  const [cursor, setCursor] = useState<Selection | null>(selected);
  const [focused, setFocused] = useState(false);
  const at = placeOf(grid, rows, cursor) ?? { row: rows.length > 0 ? 0 : -1, column: grid.columns.length - 1 };
  const latest = useRef({ grid, rows, bars, onSelect, feed });
  latest.current = { grid, rows, bars, onSelect, feed };
  const highest = useMemo(() => (bars ? scales(grid, perStep) : null), [grid, revision, bars, perStep]);

  useLayoutEffect(() => {
    const made = new MatrixView(partsOf(root.current), {
      onSelect: (place) => {
        const now = latest.current;
        const chosen = selectionAt(now.grid, now.rows, place);
        if (chosen === null) return;
        setCursor(chosen);
        now.onSelect(chosen);
      },
      onWindow: (from, end) => latest.current.bars && latest.current.feed.detail({ from, end }),
      onRest: (place) => {
        const column = latest.current.grid.columns[place.column];
        if (column?.durations !== null || place.row < 0) return;
        latest.current.feed.detailOf(column.number).then(() => view.current?.retell(), () => {});
      },
    });
    view.current = made;
    return () => made.end();
  }, []);

  useLayoutEffect(() => {
    view.current?.show({ grid, rows, asked: feed.asked.runs, bars, scales: highest, shown });
  }, [grid, revision, rows, bars, highest, shown, feed]);

  useLayoutEffect(() => {
    view.current?.mark(focused ? at : null, placeOf(grid, rows, selected));
  });

  // A link may lead to a cell that is not in sight.
  const linked = useRef(selected);
  useEffect(() => {
    const place = placeOf(grid, rows, linked.current);
    if (place !== null) view.current?.reveal(place);
  }, []);

  useEffect(() => {
    if (bars) {
      const { left, width } = view.current?.scroll() ?? { left: 0, width: 0 };
      const wide = view.current?.size.cellWidth ?? 20;
      feed.detail({ from: Math.floor(left / wide), end: Math.ceil((left + width) / wide) });
    } else feed.detail(null);
  }, [bars, feed]);

  /** From now on the cursor stays with its cell, whatever comes at the right. */
  function focus() {
    setFocused(true);
    setCursor(selectionAt(grid, rows, at));
  }

  function pressed(event: KeyboardEvent) {
    if (event.altKey) return;
    if (event.key === "Escape") return props.onClose();
    if (event.key === "Enter" || event.key === " ") {
      const chosen = selectionAt(grid, rows, at);
      if (chosen !== null) onSelect(chosen);
      event.preventDefault();
      return;
    }
    const field = { rows: rows.length, columns: grid.columns.length, page: view.current?.page ?? 10 };
    const to = moved(at, event.key, field, event.ctrlKey || event.metaKey);
    if (to === null) return;
    event.preventDefault();
    setCursor(selectionAt(grid, rows, to));
    view.current?.reveal(to);
  }

  const cell = `cell-${at.row}-${grid.columns[at.column]?.number ?? 0}`;
  const sentence =
    at.row < 0 ? columnSentence(grid, at.column) : cellSentence(grid, rows[at.row] ?? -1, at.column);
  return (
    <div className="matrix" ref={root}>
      <div className="matrix-corner" aria-hidden="true">
        <span data-part="scale" /><span>duration</span><span>run</span><span>created</span>
      </div>
      <canvas className="matrix-head" data-part="head" aria-hidden="true" />
      <div className="matrix-names" data-part="names" aria-hidden="true" />
      <div className="matrix-body">
        <div className="matrix-boxes" aria-hidden="true">
          <div className="matrix-hover" data-part="hoverRow" />
          <div className="matrix-hover" data-part="hoverColumn" />
        </div>
        <canvas className="matrix-cells" data-part="cells" aria-hidden="true" />
        <div className="matrix-boxes" aria-hidden="true">
          <div className="matrix-selected" data-part="selected" />
          <div className="matrix-cursor" data-part="cursor" />
        </div>
        <div className="matrix-scroll" data-part="scroller" role="grid" tabIndex={0}
          aria-label={`Steps of the last runs of ${feed.asked.workflow}. Arrow keys move, Enter opens.`}
          aria-rowcount={rows.length + 1} aria-colcount={grid.columns.length + 1} aria-activedescendant={cell}
          onKeyDown={pressed} onFocus={focus} onBlur={() => setFocused(false)}>
          <div role="row" className="unseen" aria-rowindex={at.row + 2}>
            <div key={cell} id={cell} role={at.row < 0 ? "columnheader" : "gridcell"} aria-colindex={at.column + 2}
              aria-selected={same(selected, selectionAt(grid, rows, at))}>
              {sentence}
            </div>
          </div>
          <div className="matrix-space" data-part="space" />
        </div>
      </div>
      <div className="matrix-tip" data-part="tip" aria-hidden="true" hidden />
    </div>
  );
}

function partsOf(root: HTMLElement | null) {
  const found = (name: string) => root?.querySelector(`[data-part="${name}"]`) as HTMLElement;
  const canvas = (name: string) => found(name) as HTMLCanvasElement;
  return {
    root: root as HTMLElement, scroller: found("scroller"), space: found("space"), cells: canvas("cells"),
    head: canvas("head"), names: found("names"), hoverRow: found("hoverRow"), hoverColumn: found("hoverColumn"),
    cursor: found("cursor"), selected: found("selected"), tip: found("tip"), scale: found("scale"),
  };
}

function selectionAt(grid: Grid, rows: Int32Array, place: Place): Selection | null {
  const column = grid.columns[place.column];
  if (column === undefined) return null;
  return { number: column.number, step: grid.steps[rows[place.row] ?? -1]?.name ?? null };
}

/** Where it stands now, or null: filtered away, or not among these runs. */
function placeOf(grid: Grid, rows: Int32Array, selection: Selection | null): Place | null {
  if (selection === null) return null;
  const column = grid.placeOf(selection.number);
  const row = selection.step === null ? -1 : rows.indexOf(grid.rowOf(selection.step));
  return column < 0 || (selection.step !== null && row < 0) ? null : { row, column };
}

function same(one: Selection | null, other: Selection | null): boolean {
  return one !== null && other !== null && one.number === other.number && one.step === other.step;
}
