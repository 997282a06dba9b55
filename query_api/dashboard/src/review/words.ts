/** An approval in sentences: who may decide, and what follows from it. */

import type { Review } from "../api/query.ts";
import { counted, duration, people } from "../core/format.ts";

type Asked = Pick<Review,
  "required" | "agreed" | "rejections" | "rejected" | "on_reject" | "redoes" | "step" | "run_state" | "not_own" |
  "approvers" | "groups" | "expires_s" | "on_expiry" | "remind_s">;

/** What follows if the reader agrees. */
export function ifApproved(asked: Asked): string {
  const left = asked.required - asked.agreed - 1;
  if (left > 0) return `${counted(left, "more person", "more people")} must agree after you (${asked.agreed} of ${asked.required} have).`;
  const held = asked.run_state === "paused" ? " The run is held: what follows waits until it is continued." : "";
  const last = asked.required > 1 ? "Yours is the last yes that is needed: " : "";
  return `${last}${last ? "step" : "Step"} ${asked.step} is completed, and what needs it goes on.${held}`;
}

/** What follows if the reader disagrees. */
export function ifRejected(asked: Asked): string {
  const left = asked.rejections - asked.rejected - 1;
  if (left > 0) return `${counted(left, "more person", "more people")} must disagree before it is rejected. Then ${outcome(asked)}`;
  const said = outcome(asked);
  return said.charAt(0).toUpperCase() + said.slice(1);
}

function outcome(asked: Asked): string {
  switch (asked.on_reject) {
    case "redo":
      return `${asked.redoes === null ? "the step" : `step ${asked.redoes}`} is done again, with the comments of all who disagreed as its feedback.`;
    case "cancel":
      return "the run is canceled.";
    case "fail":
      return `step ${asked.step} is rejected, and the run fails.`;
  }
}

/** The policy, a sentence each. */
export function policyWords(asked: Asked): string[] {
  const said = [`${capital(people(asked.approvers, asked.groups))} may decide; ${
    asked.required === 1 ? "one yes is enough" : `${asked.required} must agree`}.`];
  said.push(asked.rejections === 1 ? "One no rejects it." : `${asked.rejections} must disagree for it to be rejected.`);
  said.push(`If it is rejected, ${outcome(asked)}`);
  if (asked.not_own) said.push("Nobody decides about their own.");
  if (asked.expires_s !== null)
    said.push(`It is open for ${whole(asked.expires_s)}; too few answers until then count as ${asked.on_expiry === "approve" ? "a yes" : "a no"}.`);
  if (asked.remind_s !== null) said.push(`A reminder is recorded every ${whole(asked.remind_s)}.`);
  return said;
}

/** `24 h` rather than `24 h 00 min`. */
function whole(seconds: number): string {
  return duration(seconds).replace(/ 00? (?:s|min|h)$/, "").replace(/\.0 s$/, " s");
}

function capital(text: string): string {
  return /^(a|anyone)\b/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

const HOUR_MS = 3_600_000;

/** Less than a tenth of the time is left that people had; or less than an hour, and less than half. */
export function isUrgent(expires: string | null, requested: string, now: number): boolean {
  if (expires === null) return false;
  const left = Date.parse(expires) - now;
  const whole = Date.parse(expires) - Date.parse(requested);
  return left < whole / 10 || (left < HOUR_MS && left < whole / 2);
}
