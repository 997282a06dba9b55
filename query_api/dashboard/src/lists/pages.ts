/** A list that is read by pages and kept level, as plain data: nothing here asks or draws. */

export interface Page<T> {
  /** What it was asked for with; null: the first one. */
  cursor: string | null;
  rows: T[];
  next: string | null;
  /** Rows that fit by now and are not shown, since they would push what is read. */
  unseen: readonly string[];
  /** Rows that are shown and fit no longer. */
  gone: ReadonlySet<string>;
}

export interface Answer<T> {
  items: T[];
  next: string | null;
}

/** What the list is made of, and in which order. */
export interface Order<T> {
  id: (row: T) => string;
  /** Whether `a` stands below `b`. */
  below: (a: T, b: T) => boolean;
  /** Whether nothing of the row has changed, so that it need not be drawn anew. */
  same: (a: T, b: T) => boolean;
  /** New rows come in where they belong, at once: for short lists in a fixed order. */
  insert?: boolean;
}

/** The list with the page that follows its last one. */
export function appended<T>(pages: Page<T>[], cursor: string | null, answer: Answer<T>, order: Order<T>): Page<T>[] {
  const shown = idsOf(pages, order);
  const rows = answer.items.filter((row) => !shown.has(order.id(row)));
  return [...pages, { cursor, rows, next: answer.next, unseen: [], gone: new Set() }];
}

/**
 * The list after one of its pages was asked for again, by the same cursor. Rows keep their
 * place: changed ones are replaced, those that fit no longer are marked, new ones counted.
 */
export function levelled<T>(pages: Page<T>[], cursor: string | null, answer: Answer<T>, order: Order<T>): Page<T>[] {
  const at = pages.findIndex((page) => page.cursor === cursor);
  const page = pages[at];
  if (page === undefined) return pages;
  const now = order.insert ? inserted(pages, page, answer, order) : held(pages, page, answer, order);
  return now === page ? pages : pages.with(at, now);
}

function held<T>(pages: Page<T>[], page: Page<T>, answer: Answer<T>, order: Order<T>): Page<T> {
  const answered = new Map(answer.items.map((row) => [order.id(row), row]));
  const shown = idsOf(pages, order);
  const gone = new Set<string>();
  let changed = false;
  const rows = page.rows.map((row) => {
    const id = order.id(row);
    const found = answered.get(id);
    if (found === undefined) {
      if (reaches(answer, row, order) || page.gone.has(id)) gone.add(id);
      return row;
    }
    if (order.same(row, found)) return row;
    changed = true;
    return found;
  });
  const unseen = answer.items.map(order.id).filter((id) => !shown.has(id));
  if (!changed && equal([...gone], [...page.gone]) && equal(unseen, page.unseen)) return page;
  return { ...page, rows: changed ? rows : page.rows, unseen, gone };
}

function inserted<T>(pages: Page<T>[], page: Page<T>, answer: Answer<T>, order: Order<T>): Page<T> {
  const others = idsOf(pages.filter((one) => one !== page), order);
  const before = new Map(page.rows.map((row) => [order.id(row), row]));
  const rows = answer.items
    .filter((row) => !others.has(order.id(row)))
    .map((row) => {
      const known = before.get(order.id(row));
      return known !== undefined && order.same(known, row) ? known : row;
    });
  // The page was the last one and has become longer than a page: what follows is asked for.
  if (page.next === null && answer.next !== null) return { ...page, rows, next: answer.next };
  // Rows that others have pushed beyond its end stay, or they would be on no page.
  rows.push(...page.rows.filter((row) => !reaches(answer, row, order)));
  return equal(rows, page.rows) ? page : { ...page, rows };
}

/** Whether the row would be in the answer if it still fitted: it is not beyond its end. */
function reaches<T>(answer: Answer<T>, row: T, order: Order<T>): boolean {
  const last = answer.items.at(-1);
  return answer.next === null || (last !== undefined && !order.below(row, last));
}

/** The list with one row as it is now, whether it fits or not. */
export function replaced<T>(pages: Page<T>[], row: T, order: Order<T>): Page<T>[] {
  const id = order.id(row);
  return pages.map((page) => {
    const at = page.rows.findIndex((one) => order.id(one) === id);
    return at < 0 ? page : { ...page, rows: page.rows.with(at, row) };
  });
}

export function idsOf<T>(pages: Page<T>[], order: Order<T>): Set<string> {
  return new Set(pages.flatMap((page) => page.rows.map(order.id)));
}

/** How many rows fit by now and are not shown. */
export function unseenIn<T>(pages: Page<T>[]): number {
  return new Set(pages.flatMap((page) => page.unseen)).size;
}

/** The pages that hold rows `from` to `to`. */
export function pagesWith<T>(pages: Page<T>[], from: number, to: number): Page<T>[] {
  let first = 0;
  return pages.filter((page) => {
    const begins = first;
    first += page.rows.length;
    return begins <= to && first > from;
  });
}

function equal(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}
