"""Every error that leaves an API: a problem document (RFC 9457), never a traceback.

``KINDS`` is the table of all codes. Raise ``Problem(code, detail)`` for what goes wrong
at the web's side; errors of the domain are raised as they are and become the problem of
their code. ``docs/problems.md`` tells each code's meaning and what to do.
"""

from __future__ import annotations

import logging
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, cast
from uuid import uuid4

import orjson
import psycopg
from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException

from domain import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIX = "urn:runledger:problem:"
MEDIA_TYPE = "application/problem+json"
MAX_FIELD_ERRORS = 20

_log = logging.getLogger("runledger.web")


class Kind(NamedTuple):
    """What all problems of one code have in common."""

    status: int
    title: str


KINDS: dict[str, Kind] = {
    # The request.
    "malformed": Kind(400, "The body is not the JSON it should be"),
    "bad-cursor": Kind(400, "The cursor is not one of this list"),
    "unauthenticated": Kind(401, "No valid token or session"),
    "forbidden": Kind(403, "Not allowed to this caller"),
    "csrf": Kind(403, "The session's anti-forgery header is missing or wrong"),
    "not-found": Kind(404, "There is nothing at this address"),
    "unknown-run": Kind(404, "No such run"),
    "unknown-workflow": Kind(404, "No such workflow or version"),
    "unknown-step": Kind(404, "No such step"),
    "unknown-bulk": Kind(404, "No such bulk operation"),
    "method-not-allowed": Kind(405, "This address does not take that method"),
    "stale-version": Kind(412, "The run has moved on"),
    "too-large": Kind(413, "Over a limit of size"),
    "invalid": Kind(422, "The request does not fit its description"),
    "idempotency-key-reused": Kind(422, "The key belongs to another command"),
    "form-invalid": Kind(422, "What was filled in does not fit the form"),
    "inputs-invalid": Kind(422, "The inputs do not fit the workflow's schema"),
    "schema-invalid": Kind(422, "A schema is no JSON Schema"),
    # What the rules refuse.
    "refused": Kind(409, "The rules do not allow it"),
    "run-over": Kind(409, "The run is over"),
    "run-held": Kind(409, "The run is held"),
    "run-observed": Kind(409, "The run ran elsewhere"),
    "run-exists": Kind(409, "There is a run of that id"),
    "run-not-over": Kind(409, "The run is not over yet"),
    "wrong-state": Kind(409, "The run or step is in another state"),
    "not-your-job": Kind(409, "The job is not the caller's"),
    "not-an-approver": Kind(409, "The policy does not name this person"),
    "stale-decision": Kind(409, "What is to be decided has changed"),
    "unsafe-to-repeat": Kind(409, "A step is not known to be safe to run again"),
    "retry-open": Kind(409, "A retry is still going on"),
    "not-retriable": Kind(409, "That retry cannot be made"),
    "bulk-list-changed": Kind(409, "The list is not the one of the preview"),
    "bulk-empty": Kind(409, "There is nothing on the list"),
    "lines-missing": Kind(409, "Log lines before these have not come"),
    "log-closed": Kind(409, "The attempt's log takes no more lines"),
    "conflict": Kind(409, "Somebody else was first"),
    # The service.
    "internal": Kind(500, "An error of the service"),
    "broken-history": Kind(500, "The run's history does not add up"),
    "unavailable": Kind(503, "The service cannot do it right now"),
    "not-ready": Kind(503, "The process is not ready"),
    "behind": Kind(503, "The read models have not come that far"),
}
"""Code to status and title. Codes are stable: clients branch on them."""


class FieldError(BaseModel):
    """One thing that does not fit. ``pointer`` into the body, or ``parameter``."""

    detail: str
    pointer: str | None = None
    """JSON pointer, as a URI fragment: ``#/steps/0/name``."""
    parameter: str | None = None
    """Name of the path, query or header parameter."""


class ProblemDocument(BaseModel):
    """An error, as RFC 9457 has it. ``type`` ends in a stable code."""

    type: str = Field(examples=[PREFIX + "wrong-state"])
    title: str
    status: int
    detail: str
    """What is wrong here, and what to do."""
    instance: str | None = None
    errors: list[FieldError] | None = None
    reference: str | None = None
    """Of an error of the service: what its log calls it."""


class Problem(Exception):
    """An answer that is an error. ``members`` are further ones of the document."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.kind = KINDS[code]
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = dict(members or {})

    @property
    def status(self) -> int:
        return self.kind.status

    def document(self, instance: str | None = None) -> dict[str, object]:
        return {
            "type": PREFIX + self.code,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            **({} if instance is None else {"instance": instance}),
            **self.members,
        }

    def body(self, instance: str | None = None) -> bytes:
        return orjson.dumps(
            self.document(instance),
            default=str,
            option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS,
        )


def invalid(fields: Iterable[FieldError]) -> Problem:
    """422 that names each field."""
    found = list(fields)
    said = "; ".join(
        f"{field.pointer or field.parameter}: {field.detail}" for field in found[:3]
    )
    more = f"; and {len(found) - 3} more" if len(found) > 3 else ""
    return Problem(
        "invalid",
        f"Correct and send again: {said}{more}.",
        members={
            "errors": [
                field.model_dump(exclude_none=True)
                for field in found[:MAX_FIELD_ERRORS]
            ]
        },
    )


def of_validation(error: ValidationError, data: object) -> Problem:
    """The problem of a body (``data``, as parsed) that does not fit its model."""
    return invalid(
        FieldError(pointer=pointer(one["loc"], data), detail=one["msg"])
        for one in error.errors(include_url=False, include_input=False)
    )


def of_parameters(error: ValidationError) -> Problem:
    return invalid(
        FieldError(
            parameter=str(one["loc"][0]) if one["loc"] else "", detail=one["msg"]
        )
        for one in error.errors(include_url=False, include_input=False)
    )


def pointer(location: tuple[int | str, ...], data: object) -> str:
    """Where in ``data`` pydantic's location points.

    It also holds the tags of unions and the names of validators, which are no place in
    the body: what ``data`` does not have is left out, but for the last part (a field
    that is missing).
    """
    parts: list[str] = []
    here = data
    for index, part in enumerate(location):
        last = index == len(location) - 1
        if isinstance(here, dict) and (part in here or last):
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        else:
            continue
        parts.append(str(part).replace("~", "~0").replace("/", "~1"))
    return "#" + "".join(f"/{part}" for part in parts)


def of_domain(error: errors.RunledgerError) -> Problem:
    """The problem of an error of the rules: same code, its message, its details."""
    code = next(
        code
        for cls in type(error).__mro__
        if (code := cast("str", getattr(cls, "code", "internal"))) in KINDS
    )
    problem = Problem(code, error.message, members=error.details)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("%s", error.message, exc_info=error)
    return problem


def of_http(error: HTTPException) -> Problem:
    """The problem of what the router says: no such address, not that method."""
    headers = dict(error.headers or {})
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return Problem(
                "not-found", "Nothing is here: see /openapi.json for what there is."
            )
        case HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = headers.get("Allow", "another one")
            return Problem(
                "method-not-allowed", f"Use {allowed} at this address.", headers=headers
            )
        case _:
            return Problem("malformed", error.detail, headers=headers)


_AWAY_EVERY_S = 5.0
_away_logged = 0.0


def _log_away(error: psycopg.OperationalError) -> None:
    """Not once per request: while the database is away they all come here."""
    global _away_logged
    now = time.monotonic()
    if now - _away_logged > _AWAY_EVERY_S:
        _away_logged = now
        _log.warning("PostgreSQL: %s", error)


def of(error: Exception) -> Problem:
    """The problem of any error. One that nobody foresaw is logged with a reference."""
    match error:
        case Problem():
            return error
        case errors.RunledgerError() if error.code != "error":
            return of_domain(error)
        case HTTPException():
            return of_http(error)
        case psycopg.OperationalError():  # a pool's time-out too
            _log_away(error)
            return Problem(
                "unavailable",
                "The database cannot be reached. Send it again in a moment, a command "
                "with the same Idempotency-Key.",
                headers={"Retry-After": "2"},
            )
    reference = str(uuid4())
    _log.error("error %s in answering a request", reference, exc_info=error)
    return Problem(
        "internal",
        "Nothing is wrong with the request itself. Send it again with the same "
        "Idempotency-Key; if it stays, give the reference to the operator.",
        members={"reference": reference},
    )
