"""Load over HTTP from a process of its own, as lean as Python allows.

The client shares two cores with what it measures, so it does next to nothing: the
requests are made before, and of an answer only status and length are read.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import uvloop

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Outcome:
    """How a load went: seconds in all, and each request's own in order of its end."""

    seconds: float
    latencies: list[float]
    statuses: dict[int, int]

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds within which this share of the requests was answered."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def request(
    url: str, *, method: str = "POST", token: str = "", body: bytes = b""
) -> bytes:
    """The bytes of one HTTP/1.1 request."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {path} HTTP/1.1", f"host: {parts.netloc}"]
    if token:
        lines.append(f"authorization: Bearer {token}")
    if body:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class _Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last one is whole."""

    def __init__(self, todo: list[bytes], outcome: Outcome) -> None:
        self._todo = todo
        self._outcome = outcome
        self._got = b""
        self._sent = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no class of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def _next(self) -> None:
        if not self._todo:
            if not self.done.done():
                self.done.set_result(None)
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(self._todo.pop())

    def data_received(self, data: bytes) -> None:
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._got[:end].lower()
        at = head.index(b"content-length: ") + 16
        length = int(head[at : (head + b"\r\n").index(b"\r\n", at)])
        if len(self._got) < end + 4 + length:
            return
        status = int(head[9:12])
        outcome = self._outcome
        outcome.latencies.append(time.perf_counter() - self._sent)
        outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
        self._got = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server hung up"))


async def _drive(
    address: tuple[str, int], requests: Sequence[bytes], clients: int
) -> Outcome:
    todo = list(reversed(requests))
    outcome = Outcome(0.0, [], {})
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    made = [
        await loop.create_connection(lambda: _Connection(todo, outcome), *address)
        for _ in range(clients)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in made))
    return Outcome(time.perf_counter() - started, outcome.latencies, outcome.statuses)


def _in_process(
    address: tuple[str, int], requests: Sequence[bytes], clients: int
) -> Outcome:
    return uvloop.run(_drive(address, requests, clients))


def drive(url: str, requests: Sequence[bytes], clients: int) -> Outcome:
    """Send all requests over so many connections, one at a time on each."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    address = (parts.hostname, parts.port)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_in_process, address, requests, clients).result(120)
