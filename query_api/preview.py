"""A string of a run as a page: what a step has made, shown as it would look.

Whoever wrote it is not trusted. The page has an origin of its own, runs no script,
sends no form, loads nothing from anywhere, and only our own pages may frame it. All of
that is in the headers of the answer, so it holds in a frame and in a tab.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StringConstraints

from domain.errors import UnknownStep
from infra.web.headers import NO_STORE, Raw
from infra.web.operations import Reply
from infra.web.problems import FieldError, Problem, invalid
from query_api.contents import stored_value
from query_api.parameters import Parameters, StepPath
from query_api.review import asked
from query_api.sources import sources

if TYPE_CHECKING:
    from domain.run.events import Content
    from domain.run.state import StepRun
    from infra.web.operations import Call
    from query_api.sources import Sources

HTML: Raw = (b"content-type", b"text/html; charset=utf-8")

SANDBOXED: tuple[Raw, ...] = (
    NO_STORE,
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        b"font-src data:; frame-ancestors 'self'",
    ),
)
"""In place of what every answer of the API carries: a second policy would be held as
well, and that of the API lets nobody frame it."""

Pointer = Annotated[
    str, StringConstraints(max_length=2_000, pattern=r"^(/([^~/]|~[01])*)*$")
]
"""RFC 6901; empty: the whole value."""

_INDEX = re.compile(r"^(0|[1-9][0-9]{0,8})$")
_DIGEST = re.compile(r"^[0-9a-f]{64}$")


class PreviewQuery(Parameters):
    pointer: Pointer = ""
    """JSON pointer (RFC 6901) to the string: ``/pages/0/html``."""
    of: Literal["subject", "output"] = "subject"
    """What the step's approval is about, or what the step has put out."""
    iteration: int | None = Field(default=None, ge=1)
    """Of the step; by default the last one."""


async def show_preview(call: Call) -> Reply:
    path, query = call.path_as(StepPath), call.query_as(PreviewQuery)
    found = sources(call)
    past = await found.history.present(path.ns, path.run_id)
    step = past.run.steps.get(path.step)
    if step is None:
        raise UnknownStep(f"This run has no step {path.step!r}.")
    parts = [_plain(part) for part in query.pointer.split("/")[1:]]
    if query.of == "output":
        value = await _value(found, path.ns, _output(step, query.iteration))
    else:
        approval = asked(step, query.iteration)
        value = await _value(found, path.ns, approval.subject)
        if approval.attempt is None:
            value = await _with_output(found, path.ns, value, parts)
    shown = _at(value, parts)
    if not isinstance(shown, str):
        raise invalid(
            [
                FieldError(
                    parameter="pointer", detail=f"Leads to {_kind(shown)}, not a string"
                )
            ]
        )
    return Reply(shown.encode("utf-8", "replace"), content_type=HTML, common=SANDBOXED)


def _output(step: StepRun, iteration: int | None) -> Content:
    output = step.output
    if iteration is not None:
        made = [one.output for one in step.attempts if one.iteration == iteration]
        output = next((one for one in reversed(made) if one is not None), None)
    if output is None:
        where = "" if iteration is None else f" in iteration {iteration}"
        raise Problem("not-found", f"Step {step.name!r} has no output{where}.")
    return output


async def _value(found: Sources, namespace: str, content: Content | None) -> Any:
    if content is None or content.digest is None:
        return None if content is None else content.value
    return await stored_value(found.reading, namespace, content.digest)


async def _with_output(
    found: Sources, namespace: str, subject: Any, parts: list[str]
) -> Any:
    """The subject of an approval step, with the output that the pointer leads into:
    there, a large one is told by its digest."""
    output = subject.get(parts[0]) if isinstance(subject, dict) and parts else None
    if not isinstance(output, dict) or output.keys() != {"digest", "size"}:
        return subject
    digest = output["digest"]
    if not isinstance(digest, str) or not _DIGEST.match(digest):
        return subject
    return {parts[0]: await stored_value(found.reading, namespace, digest)}


def _plain(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _at(value: Any, parts: list[str]) -> Any:
    """What a pointer leads to.

    Raises:
        Problem: ``not-found``, saying how far it led.
    """
    for at, part in enumerate(parts):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and _INDEX.match(part) and int(part) < len(value):
            value = value[int(part)]
        else:
            before = "/".join(["", *parts[:at]]) or "the top"
            raise Problem(
                "not-found",
                f"The pointer leads nowhere: at {before} there is {_kind(value)}, "
                f"without {part!r}.",
            )
    return value


def _kind(value: Any) -> str:
    match value:
        case dict():
            return f"an object of {len(value)} members"
        case list():
            return f"a list of {len(value)}"
        case str():
            return "a string"
        case None:
            return "null"
        case bool():
            return "a boolean"
    return "a number"
