"""The OpenAPI 3.1 document of a table of operations: what routes, is what is told."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from pydantic.json_schema import models_json_schema

from infra.web.operations import Answer, Call, Operation, Reply
from infra.web.problems import KINDS, MEDIA_TYPE, PREFIX, ProblemDocument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Literal

    from pydantic import BaseModel

    Keyed = tuple[type[BaseModel], Literal["validation", "serialization"]]

_REF = "#/components/schemas/{model}"


def document(
    operations: Sequence[Operation],
    *,
    title: str,
    description: str,
    version: str,
    cookie: str = "",
) -> dict[str, Any]:
    """The whole document. ``cookie``: name of the session's, where one is taken."""
    refs, definitions = _schemas(operations)
    schemes: dict[str, Any] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token: rl_... Made by `runledger-server token create`.",
        }
    }
    if cookie:
        schemes["session"] = {"type": "apiKey", "in": "cookie", "name": cookie}
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        entry = _operation(operation, refs, definitions, tuple(schemes))
        paths.setdefault(operation.path, {})[operation.method.lower()] = entry
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": version,
            "description": description,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": dict(sorted(definitions.items())),
            "securitySchemes": schemes,
        },
    }


def served(
    make: Callable[[], Mapping[str, Any]],
    path: str = "/openapi.json",
    summary: str = "This document",
    description: str = "OpenAPI 3.1.",
) -> Operation:
    """The operation that serves a document. Made when somebody asks for it, once: that
    takes a quarter of a second, which no start should wait for."""

    @cache
    def body() -> bytes:
        return orjson.dumps(make())

    async def openapi(call: Call) -> Reply:
        return Reply(body())

    return Operation(
        "GET",
        path,
        openapi,
        summary,
        action=None,
        tag="service",
        answers={200: Answer(description=description)},
    )


def _schemas(
    operations: Iterable[Operation],
) -> tuple[dict[Keyed, dict[str, Any]], dict[str, Any]]:
    wanted: dict[Keyed, None] = {(ProblemDocument, "serialization"): None}
    for operation in operations:
        if operation.body is not None:
            wanted[operation.body.model, "validation"] = None
        for model in (operation.query, operation.path_model):
            if model is not None:
                wanted[model, "validation"] = None
        for answer in operation.answers.values():
            if answer.model is not None:
                wanted[answer.model, "serialization"] = None
    refs, top = models_json_schema(list(wanted), ref_template=_REF)
    return {key: refs[key] for key in wanted}, dict(top.get("$defs", {}))


def _operation(
    operation: Operation,
    refs: Mapping[Keyed, dict[str, Any]],
    definitions: dict[str, Any],
    schemes: Sequence[str],
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": _parameters(operation, refs, definitions),
        "responses": _responses(operation, refs),
        "security": [] if operation.action is None else [{one: []} for one in schemes],
    }
    if operation.tag:
        entry["tags"] = [operation.tag]
    said = [operation.description] if operation.description else []
    if operation.action is not None:
        entry["x-runledger-role"] = operation.action
        said.append(f"Takes the role `{operation.action}`.")
    if operation.body is not None:
        said.append(f"The body may have {operation.body.limit} bytes.")
        entry["requestBody"] = _request_body(operation, refs, definitions)
    if said:
        entry["description"] = "\n\n".join(said)
    return entry


def _resolve(
    model: type[BaseModel],
    refs: Mapping[Keyed, dict[str, Any]],
    definitions: Mapping[str, Any],
) -> dict[str, Any]:
    name = refs[model, "validation"]["$ref"].rpartition("/")[2]
    found: dict[str, Any] = definitions[name]
    return found


def _parameters(
    operation: Operation,
    refs: Mapping[Keyed, dict[str, Any]],
    definitions: Mapping[str, Any],
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    known: dict[str, Any] = {}
    if operation.path_model is not None:
        known = _resolve(operation.path_model, refs, definitions)["properties"]
    for name in names:
        schema = _plain(known.get(name, {"type": "string", "minLength": 1}))
        found.append(_parameter("path", name, schema, required=True))
    if operation.query is not None:
        described = _resolve(operation.query, refs, definitions)
        required = described.get("required", ())
        for name, one in described.get("properties", {}).items():
            found.append(
                _parameter("query", name, _plain(one), required=name in required)
            )
    for header in operation.headers:
        found.append(
            _parameter(
                "header",
                header.name,
                dict(header.schema),
                required=header.required,
                description=header.description,
            )
        )
    return found


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter cannot be null: absent is how it is left out."""
    found = {name: value for name, value in schema.items() if name != "title"}
    if "anyOf" in found:
        rest = [one for one in found.pop("anyOf") if one.get("type") != "null"]
        found |= rest[0] if len(rest) == 1 else {"anyOf": rest}
    if found.get("default", ...) is None:
        del found["default"]
    return found


def _parameter(
    place: str,
    name: str,
    schema: dict[str, Any],
    *,
    required: bool,
    description: str = "",
) -> dict[str, Any]:
    description = description or schema.pop("description", "")
    found: dict[str, Any] = {
        "name": name,
        "in": place,
        "required": required,
        "schema": schema,
    }
    if description:
        found["description"] = description
    return found


def _request_body(
    operation: Operation,
    refs: Mapping[Keyed, dict[str, Any]],
    definitions: dict[str, Any],
) -> dict[str, Any]:
    body = operation.body
    assert body is not None
    schema = refs[body.model, "validation"]
    left_out = (*body.in_path, *body.implied)
    if left_out:
        whole = _resolve(body.model, refs, definitions)
        name = f"{body.model.__name__}Body"
        definitions[name] = {
            **whole,
            "title": name,
            "properties": {
                field: one
                for field, one in whole["properties"].items()
                if field not in left_out
            },
            "required": [
                field for field in whole.get("required", ()) if field not in left_out
            ],
        }
        schema = {"$ref": _REF.format(model=name)}
    found: dict[str, Any] = {
        "required": body.required,
        "content": {"application/json": {"schema": schema}},
    }
    if body.description:
        found["description"] = body.description
    return found


def _responses(
    operation: Operation, refs: Mapping[Keyed, dict[str, Any]]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, answer in operation.answers.items():
        one: dict[str, Any] = {"description": answer.description}
        if answer.model is not None:
            schema = refs[answer.model, "serialization"]
            one["content"] = {answer.content_type: {"schema": schema}}
        elif status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            one["content"] = {answer.content_type: {}}
        if answer.headers:
            one["headers"] = {
                name: {"description": text, "schema": {"type": "string"}}
                for name, text in answer.headers.items()
            }
        found[str(status)] = one
    by_status: dict[int, list[str]] = {}
    for code in problem_codes(operation):
        by_status.setdefault(KINDS[code].status, []).append(code)
    schema = refs[ProblemDocument, "serialization"]
    for status, codes in sorted(by_status.items()):
        found[str(status)] = {
            "description": "; ".join(f"`{code}`: {KINDS[code].title}" for code in codes)
            + ".",
            "content": {
                MEDIA_TYPE: {
                    "schema": {
                        "allOf": [schema],
                        "properties": {
                            "type": {"enum": [PREFIX + code for code in codes]}
                        },
                    }
                }
            },
        }
    return found


def problem_codes(operation: Operation) -> list[str]:
    """All codes an operation may answer with, in the order of ``KINDS``."""
    codes = {"internal", *operation.problems}
    if operation.action is not None:
        codes |= {"unauthenticated", "forbidden", "unavailable"}
        if operation.method != "GET":
            codes.add("csrf")
    if operation.body is not None:
        codes |= {"malformed", "too-large", "invalid"}
    if operation.query is not None or operation.path_model is not None:
        codes.add("invalid")
    return [code for code in KINDS if code in codes]
