/** Views of the runs list: filters with a name, kept in the browser for each namespace. */

export interface View {
  name: string;
  /** Filters, as `paramsOf` writes them. */
  params: string;
}

export const BUILT_IN: View[] = [
  { name: "All runs", params: "" },
  { name: "Running now", params: "state=running" },
  { name: "Waiting for me", params: "mine=true" },
  { name: "Failed today", params: "created_after=today&state=failed" },
];

type Store = Pick<Storage, "getItem" | "setItem">;

function placeOf(namespace: string): string {
  return `views of runs: ${namespace}`;
}

export function savedViews(store: Store, namespace: string): View[] {
  try {
    const found: unknown = JSON.parse(store.getItem(placeOf(namespace)) ?? "[]");
    return Array.isArray(found) ? found.filter(isView) : [];
  } catch {
    return [];
  }
}

/** With this view among them; one of the same name is replaced. */
export function saveView(store: Store, namespace: string, view: View): View[] {
  const others = savedViews(store, namespace).filter((one) => one.name !== view.name);
  return keep(store, namespace, [...others, view]);
}

export function deleteView(store: Store, namespace: string, name: string): View[] {
  return keep(store, namespace, savedViews(store, namespace).filter((one) => one.name !== name));
}

function keep(store: Store, namespace: string, views: View[]): View[] {
  store.setItem(placeOf(namespace), JSON.stringify(views));
  return views;
}

function isView(found: unknown): found is View {
  const view = found as Partial<View> | null;
  return typeof view?.name === "string" && typeof view.params === "string";
}
