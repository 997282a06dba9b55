"""JSON Schema (2020-12): is a schema sound, and where does a value not fit it.

Nothing is ever fetched: a reference leads to a place in the schema itself. ``format``
is a note for whoever draws a form, and is not checked, so that the same value fits in
every installation.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic import JsonValue

    Schema = Mapping[str, JsonValue]

MAX_BYTES = 32_768
"""Of a schema: it travels with every question that asks for the form."""
MAX_ERRORS = 20
LONGEST = 200

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFERENCES = ("$ref", "$dynamicRef")

PLAIN = {"None": "null", "True": "true", "False": "false"}
"""As people who write JSON know them."""


class Misfit(NamedTuple):
    """One place that does not fit, as a pointer in URI form: ``#/form/amount``."""

    pointer: str
    detail: str


def flaws(schema: Schema, root: str) -> list[Misfit]:
    """What is wrong with a schema itself; ``root`` is the pointer to it."""
    if len(_spelled(schema)) > MAX_BYTES:
        return [Misfit(root, f"It is larger than {MAX_BYTES} bytes: shorten it")]
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return [_misfit(error, root)]
    except RecursionError:
        return [Misfit(root, "It nests too deep")]
    return [*_foreign(schema, root)][:MAX_ERRORS]


def misfits(schema: Schema, value: JsonValue, root: str) -> list[Misfit]:
    """Where ``value`` does not fit; ``root`` is the pointer to it. None: it fits."""
    try:
        found = sorted(
            _validator(_spelled(schema)).iter_errors(value),
            key=lambda error: [str(part) for part in error.absolute_path],
        )
    except RecursionError:
        return [Misfit(root, "Its schema refers to itself without end")]
    except (Unresolvable, ValueError):
        return [Misfit(root, "Its schema refers to what is not in it")]
    return [_misfit(best_match([error]), root) for error in found[:MAX_ERRORS]]


@lru_cache(maxsize=500)
def _validator(spelled: str) -> Any:
    # Without a registry of our own the library would fetch what it does not have.
    return Draft202012Validator(json.loads(spelled), registry=Registry())


def _spelled(schema: Schema) -> str:
    return json.dumps(schema, separators=(",", ":"))


def _foreign(schema: Schema, root: str) -> Iterator[Misfit]:
    """References to what is not in the schema, and other dialects."""
    whole = DRAFT202012.create_resource(schema)
    left = [(whole, Registry[Any]().resolver_with_root(whole))]
    while left:
        resource, resolver = left.pop()
        contents: Any = resource.contents
        if isinstance(contents, dict):
            if contents.get("$schema", DIALECT) not in (DIALECT, f"{DIALECT}#"):
                yield Misfit(root, f"Only the dialect {DIALECT} is known here")
            for keyword in REFERENCES:
                reference = contents.get(keyword)
                if isinstance(reference, str):
                    try:
                        resolver.lookup(reference)
                    except (Unresolvable, ValueError):
                        yield Misfit(
                            root,
                            f"{_short(reference)!r} leads to nothing within the "
                            "schema, and nothing is fetched: put it under $defs",
                        )
        left += [
            (inner, resolver.in_subresource(inner)) for inner in resource.subresources()
        ]


def _misfit(error: ValidationError | SchemaError, root: str) -> Misfit:
    place = "".join(f"/{_escaped(part)}" for part in error.absolute_path)
    said = error.message
    if (python := str(error.instance)) in PLAIN and said.startswith(python):
        said = f"{PLAIN[python]}{said.removeprefix(python)}"
    return Misfit(f"{root}{place}", _short(said))


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def said(found: Iterable[Misfit]) -> str:
    """The first three, in a sentence."""
    each = list(found)
    first = "; ".join(f"{one.pointer}: {one.detail}" for one in each[:3])
    return first + (f"; and {len(each) - 3} more" if len(each) > 3 else "")


def told(found: Iterable[Misfit]) -> list[dict[str, str]]:
    """As problem documents list them."""
    return [{"pointer": each.pointer, "detail": each.detail} for each in found]
