import { useEffect, useMemo, useRef } from "react";
import type { FieldError } from "../api/query.ts";
import { placed } from "./errors.ts";
import { Field } from "./Field.tsx";
import { resolved } from "./schema.ts";
import { initialValue } from "./value.ts";
import "./forms.css";

interface Props {
  /** JSON Schema 2020-12. */
  schema: Record<string, unknown>;
  /** Undefined: nothing yet. `onChange` is then told at once what an empty form has. */
  value: unknown;
  onChange: (value: unknown) => void;
  errors?: FieldError[];
  /** Where the value stands in the body that the errors speak of: `#/form`. */
  prefix?: string;
}

const NONE: FieldError[] = [];

/**
 * A form out of a JSON Schema; what it cannot draw is asked for as JSON text. The service is
 * what checks values: give its errors back, and each stands at its field. Before sending,
 * `unfinished` (forms/value.ts) tells of fields in which there is no value yet.
 */
export function SchemaForm({ schema, value, onChange, errors = NONE, prefix = "#" }: Props) {
  const form = useRef<HTMLDivElement>(null);
  const found = useMemo(() => placed(errors), [errors]);
  const empty = value === undefined;
  useEffect(() => {
    if (!empty) return;
    const initial = initialValue(schema, schema);
    if (initial !== undefined) onChange(initial);
  }, [empty, schema]); // (onChange is another one each time)
  useEffect(() => {
    if (errors.length > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [errors]);
  const whole = resolved(schema, schema);
  return (
    <div className="schema-form" ref={form}>
      <Field schema={whole} root={schema} name="" pointer={prefix} value={value} onChange={onChange} errors={found} required />
    </div>
  );
}
