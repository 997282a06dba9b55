"""Logs of attempts: lines written by a service of yours, and read by anybody.

The worker of this package sends the lines of its steps by itself.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, TypedDict, Unpack
from urllib.parse import quote

import httpx2

from runledger import errors
from runledger.models import LogAnswer, LogLine, LogPage
from runledger.transport import unreachable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping
    from datetime import datetime
    from uuid import UUID

    from runledger.transport import Transport

REQUEST_BYTES = 700_000
"""Of lines in one request: the service takes 1 MiB."""
PAUSE_S = 1.0


class NewLine(TypedDict, total=False):
    """``text`` is all that a line needs. ``at`` is now, ``stream`` is ``log`` (or
    ``stdout``, ``stderr``), ``level`` is ``info`` (or ``debug``, ``warning``,
    ``error``)."""

    text: str
    at: datetime | str
    stream: str
    level: str


class Wanted(TypedDict, total=False):
    """Only such lines."""

    search: str | None
    """That hold this text, in capitals or not."""
    match_case: bool
    stream: str | None
    level: str | None
    """This level and worse ones."""


class Logs:
    """Writes and reads logs."""

    _transport: Transport

    def append_log(
        self,
        run_id: UUID | str,
        step: str,
        attempt: int,
        lines: Iterable[str | NewLine],
        *,
        first: int,
        lease: UUID | str | None = None,
    ) -> int:
        """Add lines to an attempt's log; the number that the next one has.

        ``first`` is your own number of the first of these lines: count from 1. What is
        there already is left out by its number, so whatever failed is sent again.
        Without lines, the answer says where to go on.

        Raises:
            Refused: not your attempt, ended long ago (``log-closed``), or lines before
                these are missing (``lines-missing``: ``members["next"]``).
            RunledgerError: see ``errors``.
        """
        batch: dict[str, Any] = {
            "run_id": str(run_id),
            "step": step,
            "attempt": attempt,
            **({} if lease is None else {"lease": str(lease)}),
        }
        number = upcoming = first
        for texts in _in_parts(lines):
            head = json.dumps({**batch, "first": number})[:-1]
            body = f'{{"batches":[{head},"lines":[{",".join(texts)}]}}]}}'
            sent = self._transport.post(self._transport.scoped("/logs"), body.encode())
            (item,) = LogAnswer.model_validate(sent).items
            if item.problem is not None:
                raise errors.of_problem(item.problem.model_dump(), item.status)
            number += len(texts)
            upcoming = item.next or number
        return upcoming

    def log(
        self,
        run_id: UUID | str,
        step: str,
        attempt: int,
        *,
        after: int | None = None,
        before: int | None = None,
        tail: int | None = None,
        limit: int | None = None,
        **wanted: Unpack[Wanted],
    ) -> LogPage:
        """A page of an attempt's log: behind a number, ahead of one, or its end."""
        query = {
            "after": after,
            "before": before,
            "tail": tail,
            "limit": limit,
            **wanted,
        }
        path = self._transport.scoped(_path(run_id, step, attempt))
        return LogPage.model_validate(self._transport.get(path, query))

    def log_lines(
        self,
        run_id: UUID | str,
        step: str,
        attempt: int,
        *,
        after: int = 0,
        follow: bool = False,
        pause_s: float = PAUSE_S,
        **wanted: Unpack[Wanted],
    ) -> Generator[LogLine, None, None]:
        """All lines behind a number. ``follow``: and those to come, until the attempt
        has ended and, a moment later, nothing has come any more."""
        quiet = 0
        while True:
            page = self.log(run_id, step, attempt, after=after, limit=1_000, **wanted)
            yield from page.lines
            moved, after = page.next > after, page.next
            if page.more and moved:
                continue
            quiet = quiet + 1 if page.ended and not moved else 0
            if not follow or quiet > 1 or not page.open:
                return
            time.sleep(pause_s)

    def download_log(
        self, run_id: UUID | str, step: str, attempt: int, *, times: bool = False
    ) -> Iterator[bytes]:
        """All lines as text, in pieces: it may be long. ``times``: each line begins
        with its time, stream and level."""
        path = self._transport.scoped(_path(run_id, step, attempt) + "/download")
        url = self._transport.url(self._transport.connection.query_url, path)
        try:
            with self._transport.http.stream(
                "GET",
                url,
                params={"times": "true"} if times else {},
                headers=self._transport.headers({"Accept": "text/plain"}),
            ) as answer:
                if not answer.is_success:
                    raise errors.of_answer(answer.status_code, answer.read(), url)
                yield from answer.iter_bytes()
        except httpx2.TransportError as error:
            raise unreachable(url, error) from error


def _path(run_id: UUID | str, step: str, attempt: int) -> str:
    return f"/runs/{run_id}/steps/{quote(step, safe='')}/attempts/{attempt}/log"


def _in_parts(lines: Iterable[str | NewLine]) -> Iterator[list[str]]:
    """The JSON of the lines, as many at a time as a request may have; once at least."""
    part: list[str] = []
    size = 0
    sent = False
    for line in lines:
        # Escaped to ASCII: a broken surrogate goes through, and is mended there.
        text = json.dumps({"text": line} if isinstance(line, str) else _plain(line))
        if part and size + len(text) > REQUEST_BYTES:
            yield part
            part, size, sent = [], 0, True
        part.append(text)
        size += len(text) + 1
    if part or not sent:
        yield part


def _plain(line: Mapping[str, Any]) -> dict[str, Any]:
    at = line.get("at")
    if at is None or isinstance(at, str):
        return dict(line)
    return {**line, "at": at.isoformat()}
