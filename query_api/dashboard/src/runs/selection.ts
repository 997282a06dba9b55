/** Which runs of the list are chosen: some of them, or all that fit the filter. */

export interface Selection {
  ids: ReadonlySet<string>;
  /** All that fit, also those that were not read yet. */
  all: boolean;
  /** Where a range begins. */
  anchor: string | null;
}

export const NOTHING: Selection = { ids: new Set(), all: false, anchor: null };

/** With this one turned; with `range` all between it and the one before are as it becomes. */
export function toggled(selection: Selection, id: string, order: readonly string[], range: boolean): Selection {
  const ids = new Set(selection.all ? order : selection.ids);
  const on = !ids.has(id);
  for (const one of range ? between(order, selection.anchor, id) : [id]) {
    if (on) ids.add(one);
    else ids.delete(one);
  }
  return { ids, all: false, anchor: id };
}

function between(order: readonly string[], from: string | null, to: string): readonly string[] {
  const a = from === null ? -1 : order.indexOf(from);
  const b = order.indexOf(to);
  return a < 0 ? [to] : order.slice(Math.min(a, b), Math.max(a, b) + 1);
}

/** Those that were read so far, or none where all of them are chosen already. */
export function toggledAll(selection: Selection, order: readonly string[]): Selection {
  if (selection.all || (order.length > 0 && order.every((id) => selection.ids.has(id)))) return NOTHING;
  return { ids: new Set(order), all: false, anchor: null };
}
