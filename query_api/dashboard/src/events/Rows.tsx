import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useImperativeHandle, useRef, useState, type ReactNode, type Ref } from "react";

export interface RowsHandle {
  toTop: () => void;
}

interface Props<T> {
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string | number;
  row: (item: T) => ReactNode;
  /** The one that is open beside the list. */
  opened?: string | number | null;
  onTop?: (atTop: boolean) => void;
  /** The end is near: fetch more. */
  onEnd: () => void;
  foot: ReactNode;
  ref?: Ref<RowsHandle>;
}

const TOP_PX = 8;
const NEAR = 20;

/**
 * Rows by the thousand, of which only those that are seen are drawn. `j` and `k` go down
 * and up by one; each row has a `.row-open`, which gets the focus, so that Enter opens it.
 */
export function Rows<T>({ label, items, keyOf, row, opened, onTop, onEnd, foot, ref }: Props<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<string | number | null>(opened ?? null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 30,
    getItemKey: (index) => (items[index] === undefined ? index : keyOf(items[index])),
    overscan: 12,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;

  useEffect(() => {
    if (last >= items.length - NEAR) onEnd();
  }, [last, items.length, onEnd]);

  useImperativeHandle(ref, () => ({ toTop: () => scroller.current?.scrollTo({ top: 0 }) }), []);

  // The row of the cursor may be drawn only after the list has scrolled to it.
  const wanted = useRef<string | number | null>(null);
  useEffect(() => {
    if (wanted.current === null) return;
    const found = scroller.current?.querySelector<HTMLElement>(`[data-key="${wanted.current}"] .row-open`);
    if (!found) return;
    wanted.current = null;
    found.focus({ preventScroll: true });
  });

  useEffect(() => {
    function pressed(event: KeyboardEvent) {
      const by = event.key === "j" ? 1 : event.key === "k" ? -1 : 0;
      if (by === 0 || event.metaKey || event.ctrlKey || event.altKey || typing(event.target)) return;
      event.preventDefault();
      const at = items.findIndex((item) => keyOf(item) === cursor);
      const next = at < 0 ? 0 : Math.min(Math.max(at + by, 0), items.length - 1);
      const item = items[next];
      if (item === undefined) return;
      wanted.current = keyOf(item);
      rows.scrollToIndex(next);
      setCursor(keyOf(item));
      if (at === next) wanted.current = null;
    }
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  });

  return (
    <div ref={scroller} className="rows" role="region" aria-label={label} tabIndex={0}
      onScroll={(event) => onTop?.(event.currentTarget.scrollTop < TOP_PX)}>
      <ol style={{ height: rows.getTotalSize() }}>
        {shown.map((place) => {
          const item = items[place.index];
          if (item === undefined) return null;
          const key = keyOf(item);
          return (
            <li key={place.key} data-key={key} data-index={place.index} ref={rows.measureElement}
              aria-setsize={-1} aria-posinset={place.index + 1} aria-current={key === opened || undefined}
              onFocus={() => setCursor(key)} style={{ transform: `translateY(${place.start}px)` }}>
              {row(item)}
            </li>
          );
        })}
      </ol>
      {foot}
    </div>
  );
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, select, textarea, dialog, [contenteditable]") !== null;
}
