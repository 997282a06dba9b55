/** The line that an address names: `#L120`. */

import { navigate, usePlace, withParams, type Changes } from "../../route.ts";

export function lineOf(hash: string): number | null {
  const found = /^#L(\d{1,15})$/.exec(hash);
  return found === null ? null : Math.max(1, Number(found[1]));
}

export function useLine(): number | null {
  usePlace(); // it is drawn anew when the address changes, the hash too
  return lineOf(location.hash);
}

export function lineAddress(n: number, changes: Changes): string {
  return `${withParams(changes)}#L${n}`;
}

export function goToLine(n: number, changes: Changes): void {
  navigate(lineAddress(n, changes), { replace: true });
}
