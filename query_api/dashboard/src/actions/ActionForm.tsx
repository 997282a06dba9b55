import { useId, type FormEvent, type ReactNode, type Ref } from "react";
import { ProblemNote } from "../parts/Problem.tsx";
import type { Commanding } from "./useCommand.ts";

interface Props {
  /** What the button does, in a word or two: "Cancel the run". */
  verb: string;
  /** What follows from it, in a sentence. */
  consequence: ReactNode;
  commanding: Commanding;
  onSubmit: () => void;
  onClose: () => void;
  danger?: boolean;
  disabled?: boolean;
  children?: ReactNode;
}

/** The body of every action's dialog: the consequence, its fields, what was refused, two buttons. */
export function ActionForm(props: Props) {
  const { commanding } = props;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!commanding.busy && !props.disabled) props.onSubmit();
  }
  return (
    <form className="action-form" onSubmit={submit}>
      <div className="consequence">{props.consequence}</div>
      {props.children}
      {commanding.problem && <ProblemNote problem={commanding.problem} />}
      <div className="buttons">
        <button type="button" onClick={props.onClose}>
          Leave it
        </button>
        <button type="submit" className={props.danger ? "danger" : "primary"} disabled={props.disabled}
          aria-busy={commanding.busy}>
          {commanding.busy ? "On its way…" : props.verb}
        </button>
      </div>
    </form>
  );
}

/** A labelled text of several lines: reason, comment, feedback. */
export function TextField(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  required?: boolean;
  autoFocus?: boolean;
  ref?: Ref<HTMLTextAreaElement>;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <textarea ref={props.ref} id={id} rows={2} value={props.value} required={props.required} autoFocus={props.autoFocus}
        maxLength={4000} onChange={(event) => props.onChange(event.target.value)} />
      {props.hint && <p className="hint">{props.hint}</p>}
    </div>
  );
}
