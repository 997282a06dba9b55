"""Writes src/api/query.ts and src/api/command.ts from the OpenAPI documents.

    .venv/bin/python query_api/dashboard/generate_types.py

One TypeScript type per schema, named as in the document. Ours, since what pydantic
writes into a document is a small part of JSON Schema.
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema = dict[str, Any]

FOLDER = Path(__file__).parent / "src" / "api"

HEAD = "// Made by generate_types.py from the OpenAPI document: do not edit.\n"


def rendered() -> dict[Path, str]:
    """Each file, and what it should hold."""
    from command_api.app import document as command
    from infra.settings import Settings
    from query_api.app import document as query

    return {
        FOLDER / "query.ts": render(query(Settings())),
        FOLDER / "command.ts": render(command(Settings())),
    }


def render(document: Mapping[str, Any]) -> str:
    """The types of a document's schemas."""
    schemas = document["components"]["schemas"]
    return "\n".join([HEAD, *(_type(name, schemas[name]) for name in sorted(schemas))])


def _type(name: str, schema: Schema) -> str:
    said = _comment(schema, "")
    if "properties" not in schema:
        return f"{said}export type {_plain(name)} = {_expression(schema)};\n"
    return f"{said}export interface {_plain(name)} {_members(schema, '')}\n"


def _members(schema: Schema, indent: str) -> str:
    inner = indent + "  "
    required = set(schema.get("required", ()))
    lines = ["{"]
    for member, told in schema["properties"].items():
        optional = "" if member in required else "?"
        name = member if member.isidentifier() else json.dumps(member)
        said = _comment(told, inner)
        lines.append(f"{said}{inner}{name}{optional}: {_expression(told, inner)};")
    return "\n".join([*lines, indent + "}"])


def _expression(told: Schema, indent: str = "") -> str:
    if "$ref" in told:
        return _plain(told["$ref"].rpartition("/")[2])
    if options := told.get("anyOf") or told.get("oneOf"):
        return " | ".join(dict.fromkeys(_expression(one, indent) for one in options))
    if "const" in told:
        return json.dumps(told["const"])
    if "enum" in told:
        return " | ".join(json.dumps(word) for word in told["enum"])
    match told.get("type"):
        case "string":
            return "string"
        case "integer" | "number":
            return "number"
        case "boolean":
            return "boolean"
        case "null":
            return "null"
        case "array":
            inner = _expression(told.get("items", {}), indent)
            return f"({inner})[]" if "|" in inner else f"{inner}[]"
        case "object" if "properties" in told:
            return _members(told, indent)
        case "object":
            values = told.get("additionalProperties")
            kind = _expression(values, indent) if isinstance(values, dict) else ""
            return f"Record<string, {kind or 'unknown'}>"
        case _:
            return "unknown"


def _comment(told: Schema, indent: str) -> str:
    said = " ".join(str(told.get("description", "")).split()).replace("*/", "* /")
    if not said:
        return ""
    lines = textwrap.wrap(said, 84 - len(indent))
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    body = "\n".join(f"{indent} * {line}" for line in lines)
    return f"{indent}/**\n{body}\n{indent} */\n"


def _plain(name: str) -> str:
    return "".join(part if part.isalnum() else "_" for part in name)


if __name__ == "__main__":
    sys.path.insert(0, str(FOLDER.parents[3]))
    for path, text in rendered().items():
        path.write_text(text, encoding="utf-8")
