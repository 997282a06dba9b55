import { describe, expect, it } from "vitest";
import type { StepDefinition, WorkflowDefinition } from "../api/query.ts";
import { differences, members, same } from "./versions.ts";

const flow = (steps: StepDefinition[], more: Partial<WorkflowDefinition> = {}): WorkflowDefinition => ({ name: "pages", steps, ...more });

describe("differences", () => {
  it("name what was added and removed", () => {
    const found = differences(flow([{ name: "a" }, { name: "b" }]), flow([{ name: "b" }, { name: "c" }]));
    expect(found).toEqual({ workflow: [], added: ["c"], removed: ["a"], changed: [] });
  });

  it("tell of each member what it was and is", () => {
    const before = flow([{ name: "a", needs: ["x", "y"], timeout_s: 60, max_attempts: 3 }]);
    const after = flow([{ name: "a", needs: ["x"], timeout_s: null, max_attempts: 3 }]);
    expect(differences(before, after).changed).toEqual([
      { step: "a", changes: [{ member: "needs", before: "x, y", after: "x" }, { member: "timeout_s", before: "60", after: "–" }] },
    ]);
  });

  it("go into an approval's policy", () => {
    const policy = (required: number) => ({ approvers: ["ada"], groups: [], required }) as unknown as NonNullable<StepDefinition["approval"]>;
    const found = differences(flow([{ name: "a", approval: policy(1) }]), flow([{ name: "a", approval: policy(2) }]));
    expect(found.changed[0]?.changes).toEqual([{ member: "approval.required", before: "1", after: "2" }]);
  });

  it("tell of the workflow itself, too", () => {
    const found = differences(flow([], { on_failure: "drain" }), flow([], { on_failure: "continue", metadata: { team: "a" } }));
    expect(found.workflow).toEqual([
      { member: "on_failure", before: "drain", after: "continue" },
      { member: "metadata", before: "–", after: '{"team":"a"}' },
    ]);
    expect(same(found)).toBe(false);
  });

  it("are none where nothing is another", () => {
    const one = flow([{ name: "a", needs: ["b"] }, { name: "b" }]);
    expect(same(differences(one, structuredClone(one)))).toBe(true);
  });
});

describe("members", () => {
  it("are told one by one, without those that say nothing", () => {
    const step = { needs: ["a"], queue: null, requires: [], backoff: { first_s: 1 }, approval: { required: 2, form: { type: "object" } } };
    expect(members(step)).toEqual([
      ["needs", "a"], ["backoff.first_s", "1"], ["approval.required", "2"], ["approval.form", '{"type":"object"}'],
    ]);
  });
});
