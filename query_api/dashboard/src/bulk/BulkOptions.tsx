import type { BulkPreview, Preview } from "../api/command.ts";
import type { Verb } from "./words.ts";

export interface Options {
  force: boolean;
  from: "failed" | "start" | "step";
  step: string;
  accept: boolean;
  /** JSON, as it is typed. */
  form: string;
}

export const NO_OPTIONS: Options = { force: false, from: "failed", step: "", accept: false, form: "" };

/** The command as the API takes it; null while something of it is missing. */
export function commandOf(verb: Verb, options: Options): Preview["command"] | null {
  const step = options.step.trim();
  switch (verb) {
    case "cancel":
      return { type: "cancel", force: options.force };
    case "retry":
      if (options.from === "step" && !step) return null;
      return { type: "retry", retry_from: options.from === "step" ? `step:${step}` : options.from, accept_unsafe: options.accept };
    case "approve":
      return options.form.trim() ? withForm(options.form) : { type: "approve" };
    case "reject":
      return { type: "reject" };
    case "redo":
      return step ? { type: "redo", step, accept_unsafe: options.accept } : null;
  }
}

function withForm(text: string): Preview["command"] | null {
  try {
    return { type: "approve", form: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

interface Props {
  verb: Verb;
  options: Options;
  onChange: (options: Options) => void;
  preview: BulkPreview | undefined;
}

/** What the command takes beside the runs. */
export function BulkOptions({ verb, options, onChange, preview }: Props) {
  const set = (changes: Partial<Options>) => onChange({ ...options, ...changes });
  const unsafe = (preview?.safety?.unsafe ?? 0) + (preview?.safety?.unknown ?? 0);
  return (
    <>
      {verb === "retry" && (
        <div className="field">
          <label htmlFor="bulk-from">From</label>
          <select id="bulk-from" value={options.from} onChange={(event) => set({ from: event.target.value as Options["from"], accept: false })}>
            <option value="failed">all that did not complete; the rest is carried over</option>
            <option value="start">the start: everything runs again</option>
            <option value="step">a step, and what is built on it</option>
          </select>
        </div>
      )}
      {(verb !== "cancel" && (verb !== "retry" || options.from === "step")) && (
        <div className="field">
          <label htmlFor="bulk-step">Step</label>
          <input id="bulk-step" value={options.step} required={verb === "redo" || verb === "retry"}
            placeholder={verb === "approve" || verb === "reject" ? "any" : ""} onChange={(event) => set({ step: event.target.value })} />
        </div>
      )}
      {verb === "cancel" && (
        <label className="check">
          <input type="checkbox" checked={options.force} onChange={(event) => set({ force: event.target.checked })} />
          Do not wait for workers to stop (what their steps did is then unknown)
        </label>
      )}
      {verb === "approve" && (
        <details>
          <summary>Fill in a form, where policies ask for one</summary>
          <div className="field">
            <label htmlFor="bulk-form">Form (JSON), the same for each</label>
            <textarea id="bulk-form" rows={3} className="mono" value={options.form} onChange={(event) => set({ form: event.target.value })} />
          </div>
        </details>
      )}
      {((verb === "retry" && (unsafe > 0 || options.accept)) || verb === "redo") && (
        <label className="check">
          <input type="checkbox" checked={options.accept} onChange={(event) => set({ accept: event.target.checked })} />
          I accept that steps run again which are not known to be safe. This goes on record. (Otherwise those runs are refused.)
        </label>
      )}
    </>
  );
}
