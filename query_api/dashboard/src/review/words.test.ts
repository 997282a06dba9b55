import { expect, test } from "vitest";
import { ifApproved, ifRejected, isUrgent, policyWords } from "./words.ts";

const ASKED = {
  step: "sign", required: 1, agreed: 0, rejections: 1, rejected: 0, on_reject: "fail", redoes: null, run_state: "waiting_for_approval",
  not_own: false, approvers: [], groups: [], expires_s: null, on_expiry: null, remind_s: null,
} satisfies Parameters<typeof ifApproved>[0];

test("what follows from a yes", () => {
  expect(ifApproved(ASKED)).toBe("Step sign is completed, and what needs it goes on.");
  expect(ifApproved({ ...ASKED, required: 3 })).toBe("2 more people must agree after you (0 of 3 have).");
  expect(ifApproved({ ...ASKED, required: 3, agreed: 2, run_state: "paused" })).toBe(
    "Yours is the last yes that is needed: step sign is completed, and what needs it goes on. The run is held: what follows waits until it is continued.");
});

test("what follows from a no", () => {
  expect(ifRejected(ASKED)).toBe("Step sign is rejected, and the run fails.");
  expect(ifRejected({ ...ASKED, on_reject: "redo", redoes: "render" })).toBe(
    "Step render is done again, with the comments of all who disagreed as its feedback.");
  expect(ifRejected({ ...ASKED, rejections: 2, on_reject: "cancel" })).toBe(
    "1 more person must disagree before it is rejected. Then the run is canceled.");
});

test("the policy in sentences", () => {
  expect(policyWords({ ...ASKED, approvers: ["ada"], groups: ["legal"], required: 2, not_own: true, expires_s: 86_400, on_expiry: "reject" })).toEqual([
    "ada or a member of legal may decide; 2 must agree.", "One no rejects it.", "If it is rejected, step sign is rejected, and the run fails.",
    "Nobody decides about their own.", "It is open for 1 d; too few answers until then count as a no.",
  ]);
  expect(policyWords(ASKED)[0]).toBe("Anyone who approves may decide; one yes is enough.");
});

test("what ends soon is urgent", () => {
  const at = (hours: number) => new Date(hours * 3_600_000).toISOString();
  expect(isUrgent(at(24), at(0), 0)).toBe(false);
  expect(isUrgent(at(24), at(0), 22 * 3_600_000)).toBe(true);
  expect(isUrgent(at(0.9), at(0), 0)).toBe(false);
  expect(isUrgent(at(0.9), at(0), 0.5 * 3_600_000)).toBe(true);
  expect(isUrgent(null, at(0), 0)).toBe(false);
});
