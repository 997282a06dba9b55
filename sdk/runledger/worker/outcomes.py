"""How a step function ends, and the report that tells it."""

from __future__ import annotations

import json
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticSerializationError, to_jsonable_python

if TYPE_CHECKING:
    from runledger.worker.policy import Policy

LONGEST_SUMMARY = 16_384
LONGEST_MESSAGE = 16_384
LONGEST_TRACEBACK = 65_536


@dataclass(frozen=True)
class AskApproval:
    """An output that people are to approve before it counts."""

    output: Any
    summary: str
    policy: Policy | None


def ask_approval(
    output: Any, *, summary: str = "", policy: Policy | None = None
) -> AskApproval:
    """Return this from a step function: the job has succeeded, the run waits.

    ``summary`` is what people are asked; ``policy`` is by default the step's own.
    """
    return AskApproval(output, summary, policy)


class Permanent(Exception):
    """Raise it, or a class of yours that inherits it, for a failure that trying again
    cannot mend: the step fails for good, whatever attempts it has left."""


class Release(Exception):
    """Raise it to give the job back undone: another worker, or this one again after
    ``delay_s``, takes it, and it costs no attempt."""

    def __init__(self, reason: str = "", *, delay_s: float = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.delay_s = delay_s


class Canceled(Exception):
    """What ``context.raise_if_canceled()`` raises: let it pass."""


Report = dict[str, Any]


def report_of_output(output: Any) -> Report:
    """What a function returned, as a report without step, attempt and lease."""
    if isinstance(output, AskApproval):
        report: Report = {"type": "request_approval", "output": output.output}
        if output.summary:
            report["summary"] = output.summary[:LONGEST_SUMMARY]
        if output.policy is not None:
            report["policy"] = output.policy.members()
        return report
    return {"type": "complete_step", "output": output}


def report_of_error(error: BaseException) -> Report:
    """What a function raised."""
    if isinstance(error, Release):
        return {
            "type": "release_job",
            "delay_s": error.delay_s,
            "reason": error.reason[:LONGEST_MESSAGE],
        }
    return failure(
        _kind(error),
        str(error),
        "".join(traceback.format_exception(_without_us(error))),
        retryable=not isinstance(error, Permanent),
    )


def failure(
    kind: str, message: str, trace: str = "", *, retryable: bool = True
) -> Report:
    if len(trace) > LONGEST_TRACEBACK:
        half = LONGEST_TRACEBACK // 2
        trace = f"{trace[:half]}\n[...]\n{trace[-half:]}"
    return {
        "type": "fail_step",
        "error": {
            "type": kind[:200],
            "message": storable(message)[:LONGEST_MESSAGE],
            "traceback": storable(trace),
        },
        "retryable": retryable,
    }


def storable(text: str) -> str:
    """Text that the service takes: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def encoded(run_id: str, report: Report) -> bytes:
    """One item of a request of reports, as JSON.

    A dataclass, a pydantic model, a datetime, a set, a path ... becomes what pydantic
    makes of it. An output that JSON cannot say makes the step fail, for good: trying
    again would give the same.
    """
    try:
        return _json({"run_id": run_id, "report": report})
    except (ValueError, TypeError, RecursionError, PydanticSerializationError) as error:
        refused = failure(
            "OutputNotJson",
            f"The output cannot be written as JSON: {error}",
            retryable=False,
        )
        where = {name: report[name] for name in ("step", "attempt", "lease")}
        return _json({"run_id": run_id, "report": {**refused, **where}})


def _json(value: Any) -> bytes:
    # ASCII: what is no Unicode (half a surrogate pair) is refused by the service, with
    # the place, instead of ending the worker here. NaN is none of JSON's numbers.
    return _ENCODER.encode(value).encode()


_ENCODER = json.JSONEncoder(
    separators=(",", ":"), allow_nan=False, default=to_jsonable_python
)


def _kind(error: BaseException) -> str:
    found = type(error)
    if found.__module__.split(".")[0] in ("builtins", "__main__", "runledger"):
        return found.__qualname__
    return f"{found.__module__}.{found.__qualname__}"


def _without_us(error: BaseException) -> BaseException:
    """The traceback from the user's function on: how we called it helps nobody."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals.get("__name__", "").startswith(
        "runledger.worker"
    ):
        trace = trace.tb_next
    return error.with_traceback(trace) if trace is not None else error
