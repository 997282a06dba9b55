import { useState } from "react";
import type { Described } from "./Field.tsx";
import type { Schema } from "./schema.ts";
import { localMoment, readJson, readMoment, readNumber, Unfinished } from "./value.ts";

interface Props {
  value: unknown;
  onChange: (value: unknown) => void;
  described: Described;
}

/** A field's text, and the value that it says; the text is written anew only where somebody else set the value. */
function useText({ value, onChange }: Props, write: (value: unknown) => string, read: (text: string) => unknown) {
  const [kept, keep] = useState({ text: write(value), of: value });
  if (!Object.is(kept.of, value)) keep({ text: write(value), of: value });
  const change = (text: string) => {
    const of = read(text);
    keep({ text, of });
    onChange(of);
  };
  return { text: kept.text, change, problem: value instanceof Unfinished ? value.problem : undefined };
}

/** Told at once, since no service has to be asked. */
function Problem({ text }: { text: string | undefined }) {
  return text === undefined ? null : <div className="field-errors" role="status">{text}</div>;
}

export function NumberText(props: Props & { whole: boolean }) {
  const write = (value: unknown) =>
    value instanceof Unfinished ? value.text : value === undefined || value === null ? "" : String(value);
  const { text, change, problem } = useText(props, write, (given) => readNumber(given, props.whole));
  // Not type="number": that loses what it cannot read, and turns with the mouse wheel.
  return (
    <>
      <input type="text" inputMode={props.whole ? "numeric" : "decimal"} autoComplete="off" className="number-field" {...props.described}
        aria-invalid={problem !== undefined || props.described["aria-invalid"]} value={text}
        onChange={(event) => change(event.target.value)} />
      <Problem text={problem} />
    </>
  );
}

export function JsonText(props: Props) {
  const write = (value: unknown) =>
    value instanceof Unfinished ? value.text : value === undefined ? "" : JSON.stringify(value, null, 2);
  const { text, change, problem } = useText(props, write, readJson);
  return (
    <>
      <textarea {...props.described} className="mono" spellCheck={false} rows={Math.min(12, Math.max(3, text.split("\n").length))}
        aria-invalid={problem !== undefined || props.described["aria-invalid"]} value={text}
        onChange={(event) => change(event.target.value)} />
      <Problem text={problem} />
    </>
  );
}

const TYPES: Record<string, string> = { date: "date", time: "time", email: "email", uri: "url", url: "url" };
const LONG = 200;

export function Text(props: Props & { schema: Schema }) {
  const { schema, described, onChange } = props;
  const value = typeof props.value === "string" ? props.value : "";
  // An empty field says nothing, rather than a text without letters.
  const change = (text: string) => onChange(text === "" ? undefined : text);
  if (schema.format === "date-time")
    return (
      <input type="datetime-local" {...described} value={localMoment(value)}
        onChange={(event) => onChange(readMoment(event.target.value))} />
    );
  const type = typeof schema.format === "string" ? TYPES[schema.format] : undefined;
  const long = typeof schema.maxLength === "number" && schema.maxLength > LONG;
  if (type === undefined && (long || value.includes("\n")))
    return <textarea rows={4} {...described} value={value} onChange={(event) => change(event.target.value)} />;
  return <input type={type ?? "text"} {...described} value={value} onChange={(event) => change(event.target.value)} />;
}
