/** Refused commands, newest first: the first page is asked for again and again, older ones once. */

import type { Refusal, RefusalList } from "../api/query.ts";

export interface Refused {
  items: readonly Refusal[];
  next: string | null;
}

/** With the newest page. Where it does not reach what was known, the rest is fetched anew. */
export function refreshed(known: Refused | undefined, page: RefusalList): Refused {
  const first = known?.items[0];
  if (known === undefined || first === undefined) return { items: page.items, next: page.next };
  const joint = page.items.findIndex((one) => one.id === first.id);
  if (joint < 0) return { items: page.items, next: page.next };
  return joint === 0 ? known : { items: [...page.items.slice(0, joint), ...known.items], next: known.next };
}

/** With the page that was asked for with `cursor`; one that came too late is dropped. */
export function continued(known: Refused, page: RefusalList, cursor: string): Refused {
  return known.next === cursor ? { items: [...known.items, ...page.items], next: page.next } : known;
}
