import { useId, type ReactNode } from "react";
import type { FieldError } from "../api/query.ts";
import { errorsAt, errorsWithin } from "./errors.ts";
import { ListField, ObjectField } from "./Nested.tsx";
import { hints, kindOf, options, told, whyJson, type Schema } from "./schema.ts";
import { JsonText, NumberText, Text } from "./Texts.tsx";

export interface FieldProps {
  /** Already `resolved`. */
  schema: Schema;
  /** The whole schema, in which references lead. */
  root: Schema;
  /** Of the member; empty at the top. */
  name: string;
  pointer: string;
  value: unknown;
  onChange: (value: unknown) => void;
  /** Of the whole value. */
  errors: FieldError[];
  required: boolean;
}

/** What a control needs so that its label, hint and errors are read out with it. */
export interface Described {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
  "aria-required": true | undefined;
}

/** One value of a schema: a control with its label, hint and errors, or a group of them. */
export function Field(props: FieldProps) {
  const kind = kindOf(props.schema);
  if (kind === "object") return <ObjectField {...props} />;
  if (kind === "list") return <ListField {...props} />;
  if (kind === "boolean") return <Check {...props} />;
  return <Labelled {...props}>{(described) => control(props, described)}</Labelled>;
}

function control({ schema, value, onChange }: FieldProps, described: Described): ReactNode {
  switch (kindOf(schema)) {
    case "const":
      return <output id={described.id} className="mono">{told(schema.const)}</output>;
    case "choice":
      return <Choice schema={schema} value={value} onChange={onChange} described={described} />;
    case "integer":
    case "number":
      return <NumberText whole={schema.type === "integer"} value={value} onChange={onChange} described={described} />;
    case "text":
      return <Text schema={schema} value={value} onChange={onChange} described={described} />;
    default:
      return <JsonText value={value} onChange={onChange} described={described} />;
  }
}

export function titleOf(schema: Schema, name: string): string {
  return typeof schema.title === "string" && schema.title ? schema.title : name;
}

function useDescribed({ schema, pointer, errors, required }: FieldProps) {
  const id = useId();
  const json = kindOf(schema) === "json";
  const found = (json ? errorsWithin : errorsAt)(errors, pointer);
  const hint = [hints(schema), json ? whyJson(schema) : ""].filter(Boolean).join(" ");
  const by = [hint && `${id}-hint`, found.length > 0 && `${id}-errors`].filter(Boolean).join(" ");
  const described: Described = {
    id,
    "aria-describedby": by || undefined,
    "aria-invalid": found.length > 0 || undefined,
    "aria-required": required || undefined,
  };
  return { described, found, hint };
}

function Labelled(props: FieldProps & { children: (described: Described) => ReactNode }) {
  const { described, found, hint } = useDescribed(props);
  return (
    <div className="field">
      <label htmlFor={described.id}>
        {titleOf(props.schema, props.name) || "Value"}
        {props.required && <Required />}
      </label>
      {props.children(described)}
      <Said id={described.id} hint={hint} errors={found} />
    </div>
  );
}

function Check(props: FieldProps) {
  const { described, found, hint } = useDescribed(props);
  return (
    <div className="field">
      <label className="check">
        <input type="checkbox" {...described} checked={props.value === true}
          onChange={(event) => props.onChange(event.target.checked)} />
        <span>{titleOf(props.schema, props.name)}{props.required && <Required />}</span>
      </label>
      <Said id={described.id} hint={hint} errors={props.schema.const === true && found.length > 0 ? ["This must be ticked"] : found} />
    </div>
  );
}

export function Required() {
  return <span className="required" title="required"><span aria-hidden="true"> *</span></span>;
}

export function Said({ id, hint, errors }: { id: string; hint: string; errors: string[] }) {
  return (
    <>
      {hint && <p className="hint" id={`${id}-hint`}>{hint}</p>}
      {errors.length > 0 && (
        <div className="field-errors" id={`${id}-errors`}>
          {errors.map((error, index) => <p key={index}>{error}</p>)}
        </div>
      )}
    </>
  );
}

function Choice(props: { schema: Schema; value: unknown; onChange: (value: unknown) => void; described: Described }) {
  const all = options(props.schema) ?? [];
  const chosen = all.findIndex((one) => JSON.stringify(one.value) === JSON.stringify(props.value));
  return (
    <select {...props.described} value={chosen} onChange={(event) => props.onChange(all[Number(event.target.value)]?.value)}>
      <option value={-1}>–</option>
      {all.map((one, index) => <option key={index} value={index}>{one.label}</option>)}
    </select>
  );
}
