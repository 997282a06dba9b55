/** The URL is the state: which page, and all that is selected on it. The only router. */

import { useSyncExternalStore } from "react";

export interface Place {
  path: string;
  params: URLSearchParams;
}

const listeners = new Set<() => void>();
let current: Place = read();

function read(): Place {
  return { path: location.pathname, params: new URLSearchParams(location.search) };
}

function changed(): void {
  current = read();
  for (const listener of listeners) listener();
}

window.addEventListener("popstate", changed);

/** Go to an address of ours. `replace` leaves no step back: for what is dragged or typed. */
export function navigate(address: string, options: { replace?: boolean } = {}): void {
  if (address === location.pathname + location.search) return;
  const pathBefore = location.pathname;
  if (options.replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  changed();
  if (location.pathname !== pathBefore) window.scrollTo(0, 0);
}

export function usePlace(): Place {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

export type Changes = Record<string, string | number | string[] | null | undefined>;

/** An address on the current page with some parameters changed; null and "" take one away. */
export function withParams(changes: Changes, place: Place = current): string {
  const params = new URLSearchParams(place.params);
  for (const [name, value] of Object.entries(changes)) {
    params.delete(name);
    if (Array.isArray(value)) for (const one of value) params.append(name, one);
    else if (value !== null && value !== undefined && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `${place.path}?${text}` : place.path;
}

/** Change parameters of the current page; steps back only where `push` says so. */
export function setParams(changes: Changes, options: { push?: boolean } = {}): void {
  navigate(withParams(changes), { replace: !options.push });
}

const part = encodeURIComponent;

/** Addresses of pages, in one place. */
export const to = {
  workflows: () => "/workflows",
  workflow: (name: string) => `/workflows/${part(name)}`,
  runs: (params = "") => `/runs${params && `?${params}`}`,
  run: (workflow: string, number: number, step?: string) =>
    `/runs/${part(workflow)}/${number}${step === undefined ? "" : `?step=${part(step)}`}`,
  approvals: () => "/approvals",
  review: (workflow: string, number: number, step: string) =>
    `/approvals/${part(workflow)}/${number}/${part(step)}`,
  events: (params = "") => `/events${params && `?${params}`}`,
  event: (position: number) => `/events/${position}`,
  bulk: (id?: string) => (id === undefined ? "/bulk" : `/bulk/${part(id)}`),
  system: () => "/system",
};

/** The parts of a path that fits a pattern such as `/runs/:workflow/:number`, or null. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.replace(/(.)\/$/, "$1").split("/");
  if (wanted.length !== given.length) return null;
  const found: Record<string, string> = {};
  for (const [index, name] of wanted.entries()) {
    const value = given[index] ?? "";
    if (name.startsWith(":")) {
      try {
        found[name.slice(1)] = decodeURIComponent(value);
      } catch {
        return null;
      }
    } else if (name !== value) return null;
  }
  return found;
}
