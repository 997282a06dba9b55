"""Appends on their way into the log, and which of them may share a batch."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import Future
    from uuid import UUID

    from domain.ports import Append, Appended, StoredAnswer
    from infra.event_store.sealing import Sealed

KeyName = tuple[str, str, str]


@dataclass(slots=True, eq=False)
class Waiting:
    """One caller's append."""

    append: Append
    sealed: Sealed
    future: Future[Appended | StoredAnswer]
    deadline: float
    """By the loop's clock: when its caller is told that the store is unavailable."""
    sent: bool = False
    """It was sent and the connection lost: it may be in the log."""

    @property
    def key(self) -> KeyName | None:
        key = self.append.key
        if key is None:
            return None
        return self.append.namespace, key.principal, key.key

    def resolve(self, result: Appended | StoredAnswer) -> None:
        # Its caller may have given up waiting; what was appended is appended.
        if not self.future.done():
            self.future.set_result(result)

    def fail(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Queue:
    """First come, first served, but for appends that cannot share a batch.

    Two appends to one stream, or under one key, would make one violation of a unique
    index out of both: the second one waits for the next batch.
    """

    def __init__(self, *, max_rows: int, max_bytes: int) -> None:
        self._waiting: deque[Waiting] = deque()
        self._max_rows = max_rows
        self._max_bytes = max_bytes

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, one: Waiting) -> None:
        self._waiting.append(one)

    def take(self) -> list[Waiting]:
        """The next batch; empty only if nothing waits."""
        batch: list[Waiting] = []
        later: list[Waiting] = []
        streams: set[UUID] = set()
        keys: set[KeyName] = set()
        rows = size = 0
        waiting = self._waiting
        while waiting:
            one = waiting[0]
            sealed = one.sealed
            if batch and (
                rows + len(sealed.events) > self._max_rows
                or size + sealed.size > self._max_bytes
            ):
                break
            waiting.popleft()
            if one.future.cancelled():
                continue
            key = one.key
            if (key is not None and key in keys) or any(
                end[0] in streams for end in sealed.ends
            ):
                # And all that come after it for these streams: their order stays.
                streams.update(end[0] for end in sealed.ends)
                later.append(one)
                continue
            streams.update(end[0] for end in sealed.ends)
            if key is not None:
                keys.add(key)
            rows += len(sealed.events)
            size += sealed.size
            batch.append(one)
        waiting.extendleft(reversed(later))
        return batch

    def expire(self, now: float) -> list[Waiting]:
        """Take out those whose time is over."""
        over = [one for one in self._waiting if one.deadline <= now]
        if over:
            self._waiting = deque(one for one in self._waiting if one.deadline > now)
        return over
