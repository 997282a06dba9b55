"""Writes runledger/models.py from the OpenAPI documents of both APIs.

    .venv/bin/python sdk/generate_models.py

Ours instead of a package's: what pydantic writes into a document is a small part of
JSON Schema, and clients need less of it still. Limits are the service's to enforce, and
a state that a newer service has must not break an older client, so enumerations are
text here and further members are kept.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Schema = dict[str, Any]
Documents = dict[str, Schema]

TARGET = Path(__file__).parent / "runledger" / "models.py"

NAMES = {
    "CommandAnswer": "Answer",
    "LinkedAnswer": "Linked",
    "RunSummary": "Run",
    "RunAnswer": "RunDetail",
    "StepAnswer": "OneStep",
    "WorkflowSummary": "Workflow",
    "WorkflowAnswer": "WorkflowDetail",
    "EventItem": "Event",
    "MatrixRun": "MatrixColumn",
    "TokenAnswer": "Token",
    "command/Replay": "ReplayRequest",
    "command/RetrySafety": "BulkRetrySafety",
}
"""Where a user's word is better than the service's, or both APIs use one."""

LEFT_OUT = {"Health", "Session"}
"""For machines that watch the service, and for browsers."""

HEAD = '''\
"""What the APIs answer. Made by generate_models.py: do not edit.

Members that a newer service adds are kept (``model_extra``), so nothing breaks.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Base of all: immutable, tolerant of what is new."""

    model_config = ConfigDict(frozen=True, extra="allow")
'''


def documents() -> Documents:
    """Both, as the services serve them."""
    from command_api.app import document as command
    from infra.settings import Settings
    from query_api.app import document as query

    settings = Settings()
    return {
        "query": dict(query(settings)),
        "command": cast("Schema", dict(command(settings))),
    }


def render(found: Documents) -> str:
    """The whole module, formatted."""
    classes: dict[str, str] = {}
    for api, document in found.items():
        schemas = document["components"]["schemas"]
        for name in _reached(document):
            schema = schemas[name]
            if "properties" not in schema:
                continue
            text = _class(api, name, schema, schemas)
            known = classes.setdefault(_name(api, name), text)
            if known != text:
                raise SystemExit(f"{name} differs between the APIs: add it to NAMES.")
    module = "\n\n".join([HEAD, *(classes[name] for name in sorted(classes))])
    return subprocess.run(
        [sys.executable, "-m", "ruff", "format", "-", "--stdin-filename", TARGET],
        input=module,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def _reached(document: Schema) -> list[str]:
    """The schemas of successful answers, and those in them."""
    todo: list[Any] = [
        answer["content"]["application/json"].get("schema")
        for path in document["paths"].values()
        for operation in path.values()
        for status, answer in operation.get("responses", {}).items()
        if status.startswith("2") and "application/json" in answer.get("content", {})
    ]
    reached: dict[str, None] = {}
    while todo:
        for name in _references(todo.pop()):
            if name not in reached and name not in LEFT_OUT:
                reached[name] = None
                todo.append(document["components"]["schemas"][name])
    return list(reached)


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference.rpartition("/")[2]
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _class(api: str, name: str, schema: Schema, schemas: Mapping[str, Schema]) -> str:
    lines = [f"class {_name(api, name)}(Model):"]
    if said := schema.get("description"):
        text = textwrap.fill(" ".join(said.split("\n\n")[0].split()), 80)
        lines += [textwrap.indent(f'"""{text}"""', "    "), ""]
    required = set(schema.get("required", ()))
    for member, told in schema["properties"].items():
        default = "" if member in required else f" = {told.get('default')!r}"
        kind = _type(api, told, schemas)
        if default == " = None" and "None" not in kind and kind != "Any":
            kind += " | None"
        lines.append(f"    {member}: {kind}{_default(default, kind)}")
        if said := _meaning(told, schemas):
            lines.append(textwrap.indent(f'"""{said}"""', "    "))
    return "\n".join([*lines, ""])


def _default(default: str, kind: str) -> str:
    """Objects as defaults are the service's to fill in."""
    if default.startswith(" = {") and kind[0].isupper() and kind != "Any":
        return f" = {kind}()"
    return default


def _meaning(told: Schema, schemas: Mapping[str, Schema]) -> str:
    """What a member's name does not say: its description, the words it takes."""
    said = " ".join(told.get("description", "").split())
    words = _words(told, schemas)
    if words:
        said = f"{said} One of {', '.join(words)}.".strip()
    return textwrap.fill(said, 80)


def _words(told: Schema, schemas: Mapping[str, Schema]) -> list[str]:
    if "$ref" in told:
        return _words(schemas[told["$ref"].rpartition("/")[2]], schemas)
    return [str(word) for word in told.get("enum", ())]


def _type(api: str, told: Schema, schemas: Mapping[str, Schema]) -> str:
    if "$ref" in told:
        name = told["$ref"].rpartition("/")[2]
        if "properties" in schemas[name]:
            return _name(api, name)
        return _type(api, schemas[name], schemas)
    if options := told.get("anyOf") or told.get("oneOf"):
        found = dict.fromkeys(_type(api, option, schemas) for option in options)
        return "Any" if "Any" in found else " | ".join(found)
    match told.get("type"):
        case "string":
            formats = {"uuid": "UUID", "date-time": "datetime", "date": "date"}
            return formats.get(told.get("format", ""), "str")
        case "integer":
            return "int"
        case "number":
            return "float"
        case "boolean":
            return "bool"
        case "null":
            return "None"
        case "array":
            return f"list[{_type(api, told.get('items', {}), schemas)}]"
        case "object":
            values = told.get("additionalProperties")
            kind = _type(api, values, schemas) if isinstance(values, dict) else "Any"
            return f"dict[str, {kind}]"
        case _:
            return "Any"


def _name(api: str, name: str) -> str:
    return NAMES.get(f"{api}/{name}") or NAMES.get(name, name)


if __name__ == "__main__":
    sys.path.insert(0, str(TARGET.parents[2]))
    TARGET.write_text(render(documents()), encoding="utf-8")
