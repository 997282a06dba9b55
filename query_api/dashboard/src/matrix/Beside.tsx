import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";

const KEPT = "matrix-panel";
const LEAST = 22;
const MOST = 70;

/** Two things side by side, with a border to drag between them; one alone fills the place. */
export function Beside({ children, panel }: { children: ReactNode; panel: ReactNode | null }) {
  const [share, setShare] = useState(() => within(Number(localStorage.getItem(KEPT)) || 40));
  const root = useRef<HTMLDivElement>(null);

  function resize(to: number) {
    const next = within(to);
    setShare(next);
    localStorage.setItem(KEPT, String(next));
  }
  function dragged(event: PointerEvent<HTMLDivElement>) {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const bounds = root.current?.getBoundingClientRect();
    if (bounds) resize((100 * (bounds.right - event.clientX)) / bounds.width);
  }
  function pressed(event: KeyboardEvent) {
    if (event.key === "ArrowLeft") resize(share + 4);
    else if (event.key === "ArrowRight") resize(share - 4);
    else return;
    event.preventDefault();
  }
  return (
    <div className="beside" ref={root}>
      <div className="beside-main">{children}</div>
      {panel !== null && (
        <>
          <div className="beside-border" role="separator" aria-orientation="vertical" aria-label="Width of the panel" tabIndex={0}
            aria-valuenow={Math.round(share)} aria-valuemin={LEAST} aria-valuemax={MOST} onKeyDown={pressed}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)} onPointerMove={dragged} />
          <div className="beside-panel" style={{ flexBasis: `${share}%` }}>{panel}</div>
        </>
      )}
    </div>
  );
}

function within(share: number): number {
  return Math.min(MOST, Math.max(LEAST, share));
}
