/** Both APIs over fetch: answers as their types, errors as `Problem`. */

import type { FieldError, ProblemDocument } from "./query.ts";

/** Where the command API is: what the page's server says, else this host with its port. */
export const COMMAND_URL = commandUrl();

function commandUrl(): string {
  const meta = (name: string) =>
    document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
  const url = meta("command-url");
  if (url) return url.replace(/\/$/, "");
  return `${location.protocol}//${location.hostname}:${meta("command-port") || "7451"}`;
}

/** An error of an API (its problem document), or of the way there (`status` 0). */
export class Problem extends Error {
  readonly code: string;
  readonly errors: FieldError[];

  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly document: Partial<ProblemDocument> & Record<string, unknown> = {},
  ) {
    super(detail || title);
    this.code = String(document.type ?? "").split(":").at(-1) ?? "";
    this.errors = (document.errors as FieldError[] | undefined) ?? [];
  }

  /** Nobody answered: the service is away, or the network is. */
  get away(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503;
  }
}

interface Signed {
  namespace: string;
  csrf: string;
}
let signed: Signed | null = null;
let onSignedOut: () => void = () => {};

/** Who asks: set by the session when it begins and ends. */
export function signAs(who: Signed | null, whenOver?: () => void): void {
  signed = who;
  if (whenOver) onSignedOut = whenOver;
}

/** `/runs` as an address of the query API, in the caller's namespace. */
export function address(path: string): string {
  if (path.startsWith("/v1/")) return path;
  if (signed === null) throw new Error("not signed in");
  return `/v1/${encodeURIComponent(signed.namespace)}${path}`;
}

/** What the query API answers to `path` (`/runs?state=failed`). Throws a `Problem`. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await ask(address(path), { signal, credentials: "same-origin" })).json() as Promise<T>;
}

export interface Sending {
  /** The run's version that the caller has seen. */
  ifMatch?: number;
  /** Once, however often it is sent: keep the key when you send the same again. */
  key?: string;
  signal?: AbortSignal;
}

/** Send a command to `path` (`/runs/ID/cancel`) of the command API. Throws a `Problem`. */
export async function send<T>(path: string, body: unknown, options: Sending = {}): Promise<T> {
  if (signed === null) throw new Error("not signed in");
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "idempotency-key": options.key ?? crypto.randomUUID(),
    "runledger-csrf": signed.csrf,
  };
  if (options.ifMatch !== undefined) headers["if-match"] = `"${options.ifMatch}"`;
  const answer = await ask(COMMAND_URL + address(path), {
    method: "POST",
    headers,
    body: JSON.stringify(body),
    signal: options.signal,
    credentials: "include",
  });
  return answer.json() as Promise<T>;
}

/** A request to either API; anything but a success is thrown as a `Problem`. */
export async function ask(url: string, init: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "Nobody answers", "The service does not answer. It is asked again by itself.");
  }
  if (answer.ok) return answer;
  const told = (await answer.json().catch(() => ({}))) as Partial<ProblemDocument>;
  if (answer.status === 401) onSignedOut();
  const problem = new Problem(answer.status, told.title ?? `Error ${answer.status}`, told.detail ?? "", told);
  if (problem.code !== "csrf") throw problem;
  // The cookie is no longer the one that this page began with.
  const advice = "Somebody has signed in in another tab of this browser: load this page anew, then send it again.";
  throw new Problem(answer.status, "Another session has begun", advice, told);
}

/** A query string out of what is set; lists stand more than once. */
export function query(values: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (Array.isArray(value)) for (const one of value) params.append(name, String(one));
    else if (value !== null && value !== undefined && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return text && `?${text}`;
}
