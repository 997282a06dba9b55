/**
 * The live stream: one EventSource per page, resumed at the position it broke off.
 *
 * A page says what it follows (`useLive`); answers that it shows listen (`onEvents`) and
 * ask again when something of theirs has happened. Events are gathered for a moment, so
 * that a burst is one refetch.
 */

import { useEffect, useSyncExternalStore } from "react";
import { address, get, query } from "./client.ts";
import type { EventItem } from "./query.ts";

export type LiveState = "live" | "catching up" | "offline" | "off";

export interface Following {
  run?: string;
  workflow?: string;
  topic?: string;
  actor?: string;
  correlation?: string;
}

type Listener = (events: EventItem[]) => void;

const LONGEST_PAUSE_MS = 5000;

class Live {
  private source: EventSource | null = null;
  private following = "";
  private last: number | null = null;
  private pause = 500;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private gathered: EventItem[] = [];
  private readonly listeners = new Set<Listener>();
  private readonly watchers = new Set<() => void>();
  private readonly reopened = new Set<() => void>();
  private readonly followers = new Set<() => void>();
  private behind = 0;
  state: LiveState = "off";
  /** Where the stream began: it has nothing from before that. */
  from = 0;

  /** Follow from `position` on. The same again changes nothing. */
  follow(what: Following, position: number): void {
    const following = query({ ...what });
    if (this.source !== null && following === this.following) return;
    this.stop();
    this.following = following;
    this.last = this.from = position;
    this.open();
    for (const listener of this.followers) listener();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.gathered = [];
    this.set("off");
  }

  private open(): void {
    const joint = this.following ? "&" : "?";
    const url = `${address("/events/stream")}${this.following}${joint}after=${this.last}`;
    const source = new EventSource(url);
    this.source = source;
    source.onopen = () => {
      this.pause = 500;
      const back = this.state === "offline";
      this.set(this.behind > 0 ? "catching up" : "live");
      if (back) for (const listener of this.reopened) listener();
    };
    source.onmessage = (message: MessageEvent<string>) => {
      const event = JSON.parse(message.data) as EventItem;
      this.last = event.position;
      if (this.gathered.push(event) === 1) queueMicrotask(() => this.hand());
    };
    source.onerror = () => {
      this.set("offline");
      if (source.readyState !== EventSource.CLOSED) return; // it comes back by itself
      // It does not say why it was refused; where the session has ended, this does.
      get("/events?limit=1").catch(() => {});
      this.timer = setTimeout(() => this.open(), this.pause);
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
    };
  }

  private hand(): void {
    const events = this.gathered;
    this.gathered = [];
    if (events.length > 0) for (const listener of this.listeners) listener(events);
  }

  /** Answers are being brought level (`1`), are level again (`-1`). */
  catchingUp(change: 1 | -1): void {
    this.behind += change;
    if (this.state === "live" || this.state === "catching up")
      this.set(this.behind > 0 ? "catching up" : "live");
  }

  private set(state: LiveState): void {
    if (state === this.state) return;
    this.state = state;
    for (const watcher of this.watchers) watcher();
  }

  onEvents(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** When a stream begins: what is older than `from` lacks what came between. */
  onFollowing(listener: () => void): () => void {
    this.followers.add(listener);
    return () => this.followers.delete(listener);
  }

  /** When the stream is back after it was away. */
  onReopened(listener: () => void): () => void {
    this.reopened.add(listener);
    return () => this.reopened.delete(listener);
  }

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
}

export const live = new Live();

/** Follow `what` while the page is shown, from the position of its first answer on. */
export function useLive(what: Following, position: number | undefined): void {
  const key = JSON.stringify(what);
  const ready = position !== undefined;
  useEffect(() => {
    if (ready) live.follow(JSON.parse(key) as Following, position);
    // The position counts only when it begins: later ones are the stream's own.
    // (A newer one must not open it anew.)
  }, [key, ready]);
  useEffect(() => () => live.stop(), [key]);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(live.watch, () => live.state);
}
