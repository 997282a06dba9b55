/** Deciding about an approval: the comment, the form, and the command with what was shown. */

import { useState } from "react";
import type { CommandAnswer } from "../api/command.ts";
import type { FieldError } from "../api/query.ts";
import { unfinished } from "../forms/value.ts";
import { useCommand, type Commanding } from "./useCommand.ts";

/** What the person was shown: a decision is about this, and about nothing else. */
export interface Seen {
  run_id: string;
  step: string;
  iteration: number;
  subject_digest: string;
  /** Of the run. */
  version: number;
}

export interface Deciding {
  comment: string;
  setComment: (comment: string) => void;
  form: unknown;
  setForm: (form: unknown) => void;
  /** For the form's fields: what the page knows, else what the service said. */
  errors: FieldError[];
  commanding: Commanding;
  /** What stands against it before anything is sent. */
  lacks: string;
  approve: (seen: Seen, asksForm: boolean) => Promise<CommandAnswer | undefined>;
  reject: (seen: Seen) => Promise<CommandAnswer | undefined>;
}

const NONE: FieldError[] = [];

export function useDeciding(): Deciding {
  const [comment, setComment] = useState("");
  const [form, setForm] = useState<unknown>();
  const [local, setLocal] = useState<FieldError[]>(NONE);
  const [lacks, setLacks] = useState("");
  const commanding = useCommand();
  const path = (seen: Seen, verb: string) => `/runs/${seen.run_id}/steps/${encodeURIComponent(seen.step)}/${verb}`;
  const body = (seen: Seen) => ({
    iteration: seen.iteration,
    subject_digest: seen.subject_digest,
    seen_version: seen.version,
    comment: comment.trim(),
  });

  async function approve(seen: Seen, asksForm: boolean) {
    const found = asksForm ? unfinished(form, "#/form") : NONE;
    setLocal(found);
    setLacks("");
    if (found.length > 0) return undefined;
    return commanding.run<CommandAnswer>(path(seen, "approve"), { ...body(seen), ...(asksForm ? { form: form ?? null } : {}) });
  }

  async function reject(seen: Seen) {
    setLocal(NONE);
    setLacks(comment.trim() ? "" : "Say in the comment what is wrong with it: whoever works on it next reads that.");
    if (!comment.trim()) return undefined;
    return commanding.run<CommandAnswer>(path(seen, "reject"), body(seen));
  }

  const errors = local.length > 0 ? local : (commanding.problem?.errors ?? NONE);
  return { comment, setComment, form, setForm, errors, commanding, lacks, approve, reject };
}
