/** Errors of a value, each to its field. */

import type { FieldError } from "../api/query.ts";
import { escaped } from "../core/diff.ts";

/** Checkers name the object that lacks a member; for people it is the member's field that is wrong. */
const LACKING = /^'(.+)' is a required property$/;

/** Each error with the pointer of the field that it is about. */
export function placed(errors: FieldError[]): FieldError[] {
  return errors.map((error) => {
    const lacking = LACKING.exec(error.detail)?.[1];
    if (lacking === undefined) return error;
    return { ...error, pointer: `${error.pointer ?? ""}/${escaped(lacking)}`, detail: "This is required" };
  });
}

/** What is wrong with the very value at `pointer`. */
export function errorsAt(errors: FieldError[], pointer: string): string[] {
  return errors.filter((error) => error.pointer === pointer).map((error) => error.detail);
}

/** What is wrong with the value at `pointer` or in it, for a field that has no smaller ones. */
export function errorsWithin(errors: FieldError[], pointer: string): string[] {
  return errors
    .filter((error) => error.pointer === pointer || error.pointer?.startsWith(`${pointer}/`))
    .map((error) => (error.pointer === pointer ? error.detail : `${error.pointer?.slice(pointer.length)}: ${error.detail}`));
}
