import { useLiveState } from "../api/live.ts";

const SAYS = {
  live: "live",
  "catching up": "catching up",
  offline: "offline",
  off: "",
};

/** Whether what is shown follows what happens. */
export function LiveBadge() {
  const state = useLiveState();
  return (
    <span className={`live live-${state.replace(" ", "-")}`} role="status"
      title={state === "offline" ? "The live stream is away; the page asks for it again and misses nothing." : undefined}>
      {SAYS[state]}
    </span>
  );
}
