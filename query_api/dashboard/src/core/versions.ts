/** What is another between two versions of a workflow, step by step. */

import type { WorkflowDefinition } from "../api/query.ts";

export interface Change {
  /** `needs`, `approval.required`: the member that changed. */
  member: string;
  before: string;
  after: string;
}

export interface Changed {
  step: string;
  changes: Change[];
}

export interface Differences {
  workflow: Change[];
  added: string[];
  removed: string[];
  changed: Changed[];
}

export function differences(before: WorkflowDefinition, after: WorkflowDefinition): Differences {
  const old = new Map((before.steps ?? []).map((step) => [step.name, step]));
  const now = new Map((after.steps ?? []).map((step) => [step.name, step]));
  const changed: Changed[] = [];
  for (const [name, step] of now) {
    const was = old.get(name);
    const changes = was === undefined ? [] : changesOf({ ...was }, { ...step });
    if (changes.length > 0) changed.push({ step: name, changes });
  }
  return {
    workflow: changesOf({ ...before, steps: null }, { ...after, steps: null }),
    added: [...now.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    changed,
  };
}

export function same(found: Differences): boolean {
  return found.workflow.length + found.added.length + found.removed.length + found.changed.length === 0;
}

/** Members of objects are compared one by one, however deep; lists as a whole. */
function changesOf(before: Record<string, unknown>, after: Record<string, unknown>, within = ""): Change[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const [was, is] = [before[name], after[name]];
    const member = within + name;
    if (isObject(was) && isObject(is)) return changesOf(was, is, `${member}.`);
    const [old, now] = [written(was), written(is)];
    return old === now ? [] : [{ member, before: old, after: now }];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As a person writes it: lists of names with commas, nothing as a dash. */
export function written(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (Array.isArray(value)) return value.length === 0 ? "–" : value.map(written).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The members of a definition that say something, those of objects one by one. */
export function members(of: object, within = ""): [string, string][] {
  return Object.entries(of).flatMap(([name, value]: [string, unknown]) => {
    if (isObject(value) && name !== "form" && !name.endsWith("schema")) return members(value, `${within}${name}.`);
    const text = written(value);
    return text === "–" ? [] : [[within + name, text] as [string, string]];
  });
}
