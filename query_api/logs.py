"""The log of an attempt: its pages, what is searched for, and all of it as a file."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from urllib.parse import quote

from pydantic import Field, StringConstraints, model_validator
from starlette.responses import StreamingResponse

from domain import errors
from infra.logs import LATE
from infra.logs.lines import Level, Stream, unpack
from infra.web.operations import Reply
from query_api.history import Unfoldable
from query_api.log_matching import Wanted
from query_api.log_reading import Stored, climb, downwards, stored, upwards
from query_api.parameters import Parameters, StepPath
from query_api.sources import sources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from typing import Self

    from starlette.responses import Response

    from domain.run.state import Attempt, Run
    from infra.logs.lines import Line
    from infra.web.operations import Call
    from query_api.reading import Reading
    from query_api.sources import Sources

MAX_LINES = 1_000
LineNumber = Annotated[int, Field(ge=0, le=2**62)]


class AttemptPath(StepPath):
    attempt: Annotated[int, Field(ge=1, lt=2**31)]


class LogQuery(Parameters):
    after: LineNumber | None = None
    """Lines behind this one: `next` of the page before, or 0. The default."""
    before: LineNumber | None = None
    """The last lines ahead of this one: `previous` of the page behind."""
    tail: Annotated[int, Field(ge=1, le=MAX_LINES)] | None = None
    """The last so many lines."""
    limit: int = Field(default=200, ge=1, le=MAX_LINES)
    search: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = (
        None
    )
    """Only lines that hold this text, in capitals or not."""
    match_case: bool = False
    """Only as it is written."""
    stream: Stream | None = None
    level: Level | None = None
    """This level and worse ones."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(one is not None for one in (self.after, self.before, self.tail)) > 1:
            raise ValueError("after, before and tail are three places: send one")
        return self

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.search or "", self.match_case, self.stream, self.level)


class DownloadQuery(Parameters):
    times: bool = False
    """Begin each line with its time, stream and level."""


class _End(NamedTuple):
    """What the run's history says of an attempt's end."""

    ended: bool | None
    open: bool


async def show_log(call: Call) -> Reply:
    path, query = call.path_as(AttemptPath), call.query_as(LogQuery)
    found = sources(call)
    # First whether it is over: a line that came before the end is then in the page.
    end = await _end(found, path)
    log = await _stored(found.reading, path)
    wanted = query.wanted
    if query.tail is not None or query.before is not None:
        limit = query.tail or query.limit
        behind = log.total + 1
        before = behind if query.before is None else min(query.before, behind)
        page = await downwards(found.reading, log, before, limit, wanted)
        following, reached = max(before - 1, 0), page.reached
        previous = reached if reached > log.first_kept else None
    else:
        after = query.after or 0
        page = await upwards(found.reading, log, after, query.limit, wanted)
        following = page.reached
        previous = after + 1 if after >= log.first_kept else None
    matches = {"lines": page.matches, "at_least": not page.all_counted}
    return Reply.json(
        {
            "lines": [_shape(line) for line in page.lines],
            "total": log.total,
            "first_kept": log.first_kept,
            "dropped": _dropped(log),
            "over_limit": log.over,
            "matches": None if wanted.everything else matches,
            "next": following,
            "previous": previous,
            "more": following < log.total,
            "ended": end.ended,
            "open": end.open,
        }
    )


async def download_log(call: Call) -> Response:
    path, query = call.path_as(AttemptPath), call.query_as(DownloadQuery)
    found = sources(call)
    await _end(found, path)
    log = await _stored(found.reading, path)
    name = quote(f"{path.step}-{path.attempt}-{path.run_id}.log", safe="")
    text = _text(found.reading, log, times=query.times)
    return StreamingResponse(
        _nothing() if call.scope["method"] == "HEAD" else text,
        media_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


async def _nothing() -> AsyncIterator[bytes]:
    yield b""


async def _text(reading: Reading, log: Stored, *, times: bool) -> AsyncIterator[bytes]:
    """All lines. A few chunks at a time, each read when the one before is sent."""
    dropped = _dropped(log)
    if dropped is not None:
        said = f"{dropped['lines']} lines are dropped: {dropped['why']}"
        yield f"[runledger: {said}]\n".encode()
    async for chunks, _ in climb(reading, log, log.first_kept - 1, Wanted()):
        for chunk in chunks:
            yield "".join(_written(unpack(chunk), times=times)).encode()
    if log.over:
        said = f"{log.over} more lines came, over the attempt's limit"
        yield f"[runledger: {said}]\n".encode()


def _written(lines: Iterable[Line], *, times: bool) -> Iterable[str]:
    for line in lines:
        if times:
            moment = line.at.isoformat(timespec="microseconds").replace("+00:00", "Z")
            yield f"{moment} {line.stream:<6} {line.level:<7} {line.text}\n"
        else:
            yield f"{line.text}\n"


async def _stored(reading: Reading, path: AttemptPath) -> Stored:
    return await stored(reading, path.ns, path.run_id, path.step, path.attempt)


async def _end(found: Sources, path: AttemptPath) -> _End:
    """By the log of events itself: the read tables may be behind.

    Raises:
        NotFound: there is no such run, step or attempt.
    """
    try:
        run = (await found.history.present(path.ns, path.run_id)).run
    except Unfoldable:
        return _End(None, open=True)
    attempt = _attempt(run, path)
    if attempt.outcome == "running":
        return _End(False, open=True)
    if run.observed or attempt.ended_at is None:
        return _End(True, open=True)
    return _End(True, open=datetime.now(UTC) - attempt.ended_at <= LATE)


def _attempt(run: Run, path: AttemptPath) -> Attempt:
    step = run.steps.get(path.step)
    if step is None:
        raise errors.UnknownStep(f"This run has no step {path.step!r}.")
    for attempt in step.attempts:
        if attempt.number == path.attempt:
            return attempt
    raise errors.NotFound(
        f"Step {path.step!r} has no attempt {path.attempt}: it has had "
        f"{len(step.attempts)}."
    )


def _shape(line: Line) -> dict[str, Any]:
    return line._asdict()


def _dropped(log: Stored) -> dict[str, Any] | None:
    if log.dropped_day is None or log.first_kept == 1:
        return None
    until = datetime.combine(log.dropped_day + timedelta(days=1), time(), UTC)
    days = "1 day" if log.kept_days == 1 else f"{log.kept_days} days"
    return {
        "lines": log.first_kept - 1,
        "until": until,
        "why": f"lines are kept for {days}",
    }
