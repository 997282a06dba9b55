/** Who is signed in. A code from a link or a token is exchanged for a cookie, once. */

import { useSyncExternalStore } from "react";
import { ask, COMMAND_URL, Problem, signAs } from "./client.ts";
import type { Session } from "./command.ts";
import { forgetAnswers } from "./keeper.ts";

export type SessionState =
  | { is: "asking" }
  | { is: "out"; why: string }
  | { is: "away" }
  | { is: "in"; session: Session };

let state: SessionState = { is: "asking" };
const listeners = new Set<() => void>();

function set(next: SessionState): void {
  state = next;
  for (const listener of listeners) listener();
}

function signedIn(session: Session): void {
  signAs({ namespace: session.namespace, csrf: session.csrf ?? "" }, () => {
    if (state.is === "in") signedOut("Your session has ended: sign in again.");
  });
  set({ is: "in", session });
}

function signedOut(why: string): void {
  signAs(null);
  forgetAnswers(); // the next one may be somebody else
  set({ is: "out", why });
}

/** At the start of a page: by the code of its link, else by the cookie that is there. */
export async function begin(): Promise<void> {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code !== null) {
    // Out of the address bar and the history before anything else.
    history.replaceState(null, "", location.href.replace(/#.*/, ""));
    if (await signIn({ code }, true)) return;
  }
  await resume();
}

async function resume(): Promise<void> {
  const refused = state.is === "out" ? state.why : "";
  try {
    const answer = await ask(`${COMMAND_URL}/session`, { credentials: "include" });
    signedIn((await answer.json()) as Session);
  } catch (error) {
    if (error instanceof Problem && error.away) {
      set({ is: "away" });
      setTimeout(() => void resume(), 1000);
    } else signedOut(refused);
  }
}

/** Exchange a token or a link's code for a session. False: refused, and the state says why. */
export async function signIn(by: { token: string } | { code: string }, quiet = false): Promise<boolean> {
  try {
    const answer = await ask(`${COMMAND_URL}/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(by),
      credentials: "include",
    });
    signedIn((await answer.json()) as Session);
    return true;
  } catch (error) {
    const why = error instanceof Problem ? error.detail : String(error);
    if (quiet) state = { is: "out", why };
    else signedOut(why);
    return false;
  }
}

export async function signOut(): Promise<void> {
  if (state.is !== "in") return;
  const headers = { "runledger-csrf": state.session.csrf ?? "" };
  try {
    await ask(`${COMMAND_URL}/session`, { method: "DELETE", credentials: "include", headers });
  } finally {
    signedOut("");
  }
}

export function useSessionState(): SessionState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/** Who is signed in; only for what is shown to those who are. */
export function useSession(): Session {
  const found = useSessionState();
  if (found.is !== "in") throw new Error("nobody is signed in");
  return found.session;
}

/** Whether the caller's roles come to this action: operator, approver, admin, ... */
export function useMay(action: string): boolean {
  return useSession().actions.includes(action);
}
