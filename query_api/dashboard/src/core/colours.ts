/** The tones of states as a canvas needs them, read anew when the theme changes. */

import type { Tone } from "./states.ts";

/** Asking makes the browser lay out styles anew, so each is asked for once in a theme. */
const known = new Map<string, string>();
onThemeChange(() => known.clear());

/** The computed colour of a custom property: `colour("--done")` is `rgb(11, 117, 100)`. */
export function colour(property: string): string {
  const before = known.get(property);
  if (before !== undefined) return before;
  const probe = document.createElement("span");
  probe.style.color = `var(${property})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  known.set(property, found);
  return found;
}

export function tones(): Record<Tone, string> {
  const names: Tone[] = ["still", "queued", "running", "done", "waiting", "failed", "ended", "rejected"];
  return Object.fromEntries(names.map((name) => [name, colour(`--${name}`)])) as Record<Tone, string>;
}

/** Call `changed` whenever colours may be others: the theme button, or the system's theme. */
export function onThemeChange(changed: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  window.addEventListener("themechange", changed);
  dark.addEventListener("change", changed);
  return () => {
    window.removeEventListener("themechange", changed);
    dark.removeEventListener("change", changed);
  };
}
