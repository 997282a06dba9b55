import { useId } from "react";
import { escaped, isObject } from "../core/diff.ts";
import { errorsAt } from "./errors.ts";
import { Field, Required, Said, titleOf, type FieldProps } from "./Field.tsx";
import { hints, isRequired, kindOf, members, resolved } from "./schema.ts";
import { initialElement, initialValue, withMember } from "./value.ts";

/** An object: its members, in a group of their own below the top. One that may be left out is added. */
export function ObjectField(props: FieldProps) {
  const { schema, root, name, pointer, value, onChange, errors } = props;
  const id = useId();
  const title = titleOf(schema, name);
  if (!props.required && value === undefined) {
    return (
      <div>
        <button type="button" className="small" onClick={() => onChange(initialValue(schema, root) ?? {})}>Add {title}</button>
        <Said id={id} hint={hints(schema)} errors={errorsAt(errors, pointer)} />
      </div>
    );
  }
  const object = isObject(value) ? value : {};
  const fields = members(schema).map(([member, one]) => (
    <Field key={member} schema={resolved(one, root)} root={root} name={member} pointer={`${pointer}/${escaped(member)}`}
      value={object[member]} onChange={(changed) => onChange(withMember(value, member, changed))} errors={errors}
      required={isRequired(schema, member)} />
  ));
  const said = <Said id={id} hint={hints(schema)} errors={errorsAt(errors, pointer)} />;
  if (name === "") return <>{title && <p className="schema-title">{title}</p>}{said}{fields}</>;
  return (
    <fieldset>
      <legend>{title}{props.required && <Required />}</legend>
      {said}
      {fields}
      {!props.required && <button type="button" className="small quiet" onClick={() => onChange(undefined)}>Remove {title}</button>}
    </fieldset>
  );
}

/** A list: entries that are added and taken away. */
export function ListField({ schema, root, name, pointer, value, onChange, errors, required }: FieldProps) {
  const id = useId();
  const list = Array.isArray(value) ? (value as unknown[]) : [];
  const items = resolved(schema.items, root);
  const title = titleOf(schema, name) || "Entries";
  const most = typeof schema.maxItems === "number" ? schema.maxItems : Infinity;
  const change = (changed: unknown[]) => onChange(changed.length === 0 && !required ? undefined : changed);
  // A list has no gaps: an emptied text is an empty text, anything else that is nothing is null.
  const kept = (one: unknown) => (one === undefined ? (kindOf(items) === "text" ? "" : null) : one);
  return (
    <fieldset>
      <legend>{title}{required && <Required />}</legend>
      <Said id={id} hint={hints(schema)} errors={errorsAt(errors, pointer)} />
      {list.map((one, index) => (
        <div className="list-entry" key={index}>
          <Field schema={items} root={root} name={`${titleOf(items, "Entry")} ${index + 1}`} pointer={`${pointer}/${index}`}
            value={one} onChange={(changed) => change(list.with(index, kept(changed)))} errors={errors} required />
          <button type="button" className="small quiet" aria-label={`Remove entry ${index + 1} of ${title}`}
            onClick={() => change(list.toSpliced(index, 1))}>Remove</button>
        </div>
      ))}
      <button type="button" className="small" disabled={list.length >= most} aria-label={`Add to ${title}`}
        onClick={() => change([...list, initialElement(schema.items, root)])}>Add</button>
    </fieldset>
  );
}
