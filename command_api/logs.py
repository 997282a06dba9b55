"""Log lines of attempts, in batches."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, NotRequired
from uuid import UUID

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import TypedDict

from command_api.carrying_out import NamespacePath
from command_api.parts import parts
from domain.ids import Name
from infra.logs.attempts import AttemptKey, LinesMissing
from infra.logs.lines import KIND, MAX_TEXT, Level, Lines, Stream, microseconds
from infra.web import bodies, problems
from infra.web.operations import MIB, Answer, Body, Call, Operation, Reply

if TYPE_CHECKING:
    from command_api.parts import Parts
    from infra.access import Principal

LIMIT = MIB
MAX_BATCHES = 1_000


class LogLine(TypedDict):
    """A line. No model but a plain dict: there are many."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc] # pydantic's

    text: str
    at: NotRequired[AwareDatetime]
    stream: NotRequired[Stream]
    level: NotRequired[Level]


class LogBatch(BaseModel):
    """Consecutive lines of one attempt."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True
    )

    run_id: UUID
    step: Name
    attempt: int = Field(ge=1, lt=2**31)
    lease: UUID | None = None
    """The job's, where the attempt has one. Checked where it is sent."""
    first: int = Field(ge=1, lt=2**62)
    """The writer's own number of the first of these lines: it counts from 1, and the
    answer says `next`. What is there already is known by it, and left out."""
    lines: list[LogLine]
    """None at all: the answer says where to go on."""


class LogBatches(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    batches: Annotated[list[LogBatch], Field(min_length=1, max_length=MAX_BATCHES)]


class LogItemAnswer(BaseModel):
    """What became of one batch."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    status: int
    next: int | None = None
    """The number that the writer's next line has. With `lines-missing` it is where to
    go on."""
    over_limit: int = 0
    """How many lines of the attempt came after its limit: counted, not kept."""
    problem: problems.ProblemDocument | None = None


class LogAnswer(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    items: list[LogItemAnswer]
    """In the order of the request's batches."""


def take(sent: bytes) -> LogBatches:
    """The body; text that no store takes is mended instead of refused.

    Output of programs holds anything. Were a batch refused for it, all of its lines
    would be lost, or hold up those after them for ever.
    """
    sent = sent or b"{}"
    try:
        return LogBatches.model_validate_json(sent, strict=True)
    except ValidationError as error:
        if any(one["type"] == "json_invalid" for one in error.errors()):
            return _mended(sent)
        raise problems.of_validation(error, bodies.parse(sent)) from None


def _mended(sent: bytes) -> LogBatches:
    """Broken UTF-8 and halves of surrogate pairs become U+FFFD."""
    try:
        data = json.loads(sent.decode("utf-8", "replace"), parse_constant=_no_number)
        mended = json.dumps(data, ensure_ascii=False)
        sent = (
            mended.encode("utf-16", "surrogatepass")
            .decode("utf-16", "replace")
            .encode()
        )
        return LogBatches.model_validate_json(sent, strict=True)
    except ValidationError as error:
        raise problems.of_validation(error, data) from None
    except (ValueError, RecursionError):
        bodies.parse(sent)  # says what is wrong with it
        raise


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON.")


async def append_log(call: Call) -> Reply:
    namespace = call.path_as(NamespacePath).ns
    batches = call.body_as(LogBatches).batches
    here, who, path = parts(call), call.principal, call.scope["path"]
    if len(batches) == 1:
        items = [await _carried(here, who, namespace, batches[0], path)]
    else:
        items = await _all(here, who, namespace, batches, path)
    return Reply(orjson.dumps({"items": items}, default=str))


async def _all(
    here: Parts, who: Principal, namespace: str, batches: list[LogBatch], path: str
) -> list[dict[str, object]]:
    """Attempts at the same time, the batches of one in their order."""
    items: list[dict[str, object]] = [{}] * len(batches)
    by_attempt: dict[object, list[int]] = {}
    for place, one in enumerate(batches):
        by_attempt.setdefault((one.run_id, one.step, one.attempt), []).append(place)

    async def carry(places: list[int]) -> None:
        for place in places:
            items[place] = await _carried(here, who, namespace, batches[place], path)

    await asyncio.gather(*map(carry, by_attempt.values()))
    return items


async def _carried(
    here: Parts, who: Principal, namespace: str, batch: LogBatch, path: str
) -> dict[str, object]:
    key = AttemptKey(namespace, batch.run_id, batch.step, batch.attempt)
    try:
        await here.log_authors.check(key, who.name, batch.lease)
        lines = _columns(batch.lines)
        written = await here.log_writer.write(key, who.name, batch.first, lines)
    except LinesMissing as missing:
        problem = problems.Problem(
            "lines-missing",
            f"The number of the first line is {batch.first}, but lines from "
            f"{missing.next} on have not come yet: send them first.",
            members={"next": missing.next},
        )
        return {
            "status": problem.status,
            "next": missing.next,
            "problem": problem.document(path),
        }
    except Exception as error:
        problem = problems.of(error)
        if problem.code == "unavailable":
            # Of the whole request: clients know how to send that again, and what is
            # stored by then is known by its numbers.
            raise problem from error
        return {"status": problem.status, "problem": problem.document(path)}
    return {"status": 200, "next": written.next, "over_limit": written.over}


def _columns(lines: list[LogLine]) -> Lines:
    now = microseconds(datetime.now(UTC))
    return Lines(
        [microseconds(line["at"]) if "at" in line else now for line in lines],
        bytes(
            [
                KIND[line.get("stream", "log"), line.get("level", "info")]
                for line in lines
            ]
        ),
        [line["text"] for line in lines],
    )


OPERATIONS = (
    Operation(
        "POST",
        "/v1/{ns}/logs",
        append_log,
        "Append lines to the logs of attempts",
        action="worker",
        tag="logs",
        description=f"At most {MAX_BATCHES} batches. The lines of each are kept all "
        "together or not at all, and one that is refused does not keep the others. "
        f"Of a line {MAX_TEXT} characters are kept; what it had more is said at its "
        "end. NUL characters and broken UTF-8 are replaced, not refused. Lines are "
        "taken from whoever started the attempt, and for an hour after its end. After "
        "a 503 send the same request again: nothing is kept twice.",
        path_model=NamespacePath,
        body=Body(LogBatches, limit=LIMIT, required=True, take=take),
        answers={200: Answer(LogAnswer, "An answer per batch, in order.")},
    ),
)
