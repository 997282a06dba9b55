import type { ReactElement } from "react";
import { lookOf, type Shape } from "../core/states.ts";

export const SHAPES: Record<Shape, ReactElement> = {
  dot: <circle cx="8" cy="8" r="2.2" />,
  ring: <circle cx="8" cy="8" r="5" fill="none" stroke="currentColor" strokeWidth="2.2" />,
  play: <path d="M4 2.5v11l9.5-5.5z" />,
  disc: <circle cx="8" cy="8" r="6" />,
  diamond: <path d="M8 1l7 7-7 7-7-7z" />,
  cross: <path d="M3 3l10 10M13 3L3 13" stroke="currentColor" strokeWidth="3" fill="none" />,
  bar: <path d="M2 8h12" stroke="currentColor" strokeWidth="3" fill="none" />,
  down: <path d="M1.5 3h13L8 14.5z" />,
  pause: <path d="M3.5 2.5h3.2v11H3.5zM9.3 2.5h3.2v11H9.3z" />,
  question: (
    <path d="M4.5 5.5a3.5 3.5 0 1 1 5 3.2c-1.2.6-1.5 1-1.5 2.1M8 13v1.8" stroke="currentColor" strokeWidth="2.2" fill="none" />
  ),
};

/** The shape of a state in its colour. Its word must stand beside it, or `title` says it. */
export function StateMark({ state, title }: { state: string; title?: string }) {
  const look = lookOf(state);
  return (
    <svg className={`mark tone-${look.tone}`} viewBox="0 0 16 16" fill="currentColor"
      {...(title === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": title })}>
      {title !== undefined && <title>{title}</title>}
      {SHAPES[look.shape]}
    </svg>
  );
}

/** Shape and word of a state. `word` says it in another way. */
export function StateLabel({ state, word }: { state: string; word?: string }) {
  const look = lookOf(state);
  return (
    <span className={`state tone-${look.tone}`}>
      <StateMark state={state} />
      <span>{word ?? look.word}</span>
    </span>
  );
}
