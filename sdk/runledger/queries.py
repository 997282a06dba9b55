"""Every query of the query API, as a method.

What this client has written before is in what it reads: the answer waits for it, up to
``wait_s``, and says ``stale`` where that was not enough (``strict`` raises instead).
``Client(read_own_writes=False)`` reads whatever is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypedDict, TypeVar, Unpack
from urllib.parse import quote

from runledger.models import (
    ApprovalList,
    Days,
    Event,
    EventList,
    Matrix,
    OneStep,
    ParkedList,
    RefusalList,
    Review,
    RunDetail,
    RunList,
    System,
    TopicList,
    VersionList,
    WorkflowDetail,
    WorkflowList,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from runledger.transport import Transport

Item_co = TypeVar("Item_co", covariant=True)


class Page(Protocol[Item_co]):
    """A part of a list. ``next`` is the ``cursor`` of what follows, if anything."""

    @property
    def items(self) -> Sequence[Item_co]: ...

    @property
    def next(self) -> str | None: ...

    @property
    def position(self) -> int: ...

    @property
    def stale(self) -> bool: ...

    @property
    def degraded(self) -> Sequence[UUID]: ...


class Fresh(TypedDict, total=False):
    """How fresh the answer has to be; by default it has what this client wrote."""

    min_position: int
    wait_s: float
    strict: bool


class Paged(Fresh, total=False):
    limit: int
    cursor: str | None


class Queries:
    """Reads."""

    _transport: Transport
    _read_own_writes: bool
    _read_all_writes: bool

    def workflows(self, **options: Unpack[Paged]) -> WorkflowList:
        """With the number of runs in each state."""
        return WorkflowList.model_validate(self._list("/workflows", options))

    def workflow(
        self, name: str, *, version: int | None = None, **options: Unpack[Fresh]
    ) -> WorkflowDetail:
        """One version with its definition, by default the newest."""
        path = f"/workflows/{_path(name)}"
        found = self._list(path, {**options, "version": version})
        return WorkflowDetail.model_validate(found)

    def versions(self, workflow: str, **options: Unpack[Paged]) -> VersionList:
        """All versions, the newest first, without their definitions."""
        path = f"/workflows/{_path(workflow)}/versions"
        return VersionList.model_validate(self._list(path, options))

    def matrix(
        self,
        workflow: str,
        *,
        runs: int | None = None,
        before: int | None = None,
        version: int | None = None,
        numbers: Sequence[int] = (),
        detail: str | None = None,
        **options: Unpack[Fresh],
    ) -> Matrix:
        """``runs``: how many columns; ``before``: the number of a run; ``numbers``:
        only these runs; ``detail="cells"``: no durations, no attempts, and quicker.
        """
        columns = {"runs": runs, "before": before, "version": version}
        more = {**columns, "number": list(numbers), "detail": detail}
        found = self._list(f"/workflows/{_path(workflow)}/matrix", {**options, **more})
        return Matrix.model_validate(found)

    def days(
        self,
        workflow: str,
        *,
        since: date | None = None,
        until: date | None = None,
        **options: Unpack[Fresh],
    ) -> Days:
        """Runs counted by day (UTC)."""
        more = {"since": _time(since), "until": _time(until)}
        found = self._list(f"/workflows/{_path(workflow)}/days", {**options, **more})
        return Days.model_validate(found)

    def run_by_number(
        self, workflow: str, number: int, **options: Unpack[Fresh]
    ) -> RunDetail:
        path = f"/workflows/{_path(workflow)}/runs/{number}"
        return RunDetail.model_validate(self._list(path, options))

    def runs(
        self,
        *,
        workflow: str | None = None,
        state: Sequence[str] = (),
        actor: str | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        retry_of: UUID | str | None = None,
        observed: bool | None = None,
        external_id: str | None = None,
        number: int | None = None,
        version: int | None = None,
        retry: bool | None = None,
        mine: bool = False,
        **options: Unpack[Paged],
    ) -> RunList:
        """Newest first; ``state``: any of these; ``actor``: who created it;
        ``version``: of the workflow; ``retry``: whether it retries another run;
        ``mine``: only those that wait for a decision of ours.
        """
        more = {
            "workflow": workflow,
            "state": tuple(state),
            "actor": actor,
            "created_after": _time(created_after),
            "created_before": _time(created_before),
            "retry_of": _id(retry_of),
            "observed": observed,
            "external_id": external_id,
            "number": number,
            "version": version,
            "retry": retry,
            "mine": mine or None,
        }
        return RunList.model_validate(self._list("/runs", {**options, **more}))

    def run(
        self,
        run_id: UUID | str,
        *,
        at_version: int | None = None,
        at: datetime | None = None,
        min_version: int | None = None,
        **options: Unpack[Fresh],
    ) -> RunDetail:
        """As it is now, or as it was: after an event of its own, or at a moment."""
        more = {"at_version": at_version, "at": _time(at), "min_version": min_version}
        return RunDetail.model_validate(self._one(run_id, "", {**options, **more}))

    def step(
        self,
        run_id: UUID | str,
        step: str,
        *,
        at_version: int | None = None,
        at: datetime | None = None,
        min_version: int | None = None,
        **options: Unpack[Fresh],
    ) -> OneStep:
        more = {"at_version": at_version, "at": _time(at), "min_version": min_version}
        found = self._one(run_id, f"/steps/{_path(step)}", {**options, **more})
        return OneStep.model_validate(found)

    def run_events(
        self,
        run_id: UUID | str,
        *,
        after: int | None = None,
        before: int | None = None,
        topic: str | None = None,
        limit: int | None = None,
    ) -> EventList:
        """Newest first; with ``after`` a position, upwards from there."""
        query = {"after": after, "before": before, "topic": topic, "limit": limit}
        return EventList.model_validate(self._get(f"/runs/{run_id}/events", query))

    def run_refusals(
        self,
        run_id: UUID | str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> RefusalList:
        """Commands to the run that the rules did not allow."""
        query = {"limit": limit, "cursor": cursor}
        found = self._get(f"/runs/{run_id}/refusals", query)
        return RefusalList.model_validate(found)

    def approvals(
        self,
        *,
        state: Sequence[str] = ("open",),
        mine: bool = False,
        for_: str | None = None,
        withheld: bool = False,
        group: str | None = None,
        workflow: str | None = None,
        run: UUID | str | None = None,
        **options: Unpack[Paged],
    ) -> ApprovalList:
        """``mine``: what the caller may decide; ``for_``: what another person may.

        ``withheld``: with one of these, also what is asked of the person and kept from
        them; each item's ``standing`` says why. ``group``: what is asked of it.
        """
        more = {
            "state": tuple(state),
            "mine": mine or None,
            "for": for_,
            "withheld": withheld or None,
            "group": group,
            "workflow": workflow,
            "run": _id(run),
        }
        found = self._list("/approvals", {**options, **more})
        return ApprovalList.model_validate(found)

    def review(
        self,
        run_id: UUID | str,
        step: str,
        *,
        iteration: int | None = None,
    ) -> Review:
        """What a step asks people, with all that a reviewer needs. Never behind."""
        path = f"/runs/{run_id}/steps/{_path(step)}/approval"
        return Review.model_validate(self._get(path, {"iteration": iteration}))

    def events(
        self,
        *,
        after: int | None = None,
        before: int | None = None,
        run: UUID | str | None = None,
        workflow: str | None = None,
        topic: str | None = None,
        actor: str | None = None,
        correlation: UUID | str | None = None,
        causation: UUID | str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> EventList:
        """The log: newest first; with ``after`` a position, upwards from there."""
        query = {
            "after": after,
            "before": before,
            "run": _id(run),
            "workflow": workflow,
            "topic": topic,
            "actor": actor,
            "correlation": _id(correlation),
            "causation": _id(causation),
            "since": _time(since),
            "until": _time(until),
            "limit": limit,
        }
        return EventList.model_validate(self._get("/events", query))

    def event(self, position: int) -> Event:
        """One event, by its place in the log."""
        return Event.model_validate(self._get(f"/events/{position}", {}))

    def refusals(
        self,
        *,
        run: UUID | str | None = None,
        actor: str | None = None,
        code: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> RefusalList:
        query = {
            "run": _id(run),
            "actor": actor,
            "code": code,
            "limit": limit,
            "cursor": cursor,
        }
        return RefusalList.model_validate(self._get("/refusals", query))

    def content(self, digest: str) -> Any:
        """A value that was too large for its event."""
        return self._get(f"/contents/{_path(digest)}", {})

    def parked(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> ParkedList:
        """Runs whose events could not be applied to the read models."""
        query = {"limit": limit, "cursor": cursor}
        return ParkedList.model_validate(self._get("/parked", query))

    def topics(self) -> TopicList:
        """Every kind of event, for filters."""
        return TopicList.model_validate(self._transport.get("/v1/topics"))

    def system(self) -> System:
        """Publisher, partitions and their lag, generations."""
        return System.model_validate(self._transport.get("/v1/system"))

    def all(
        self, query: Callable[..., Page[Item_co]], **options: Any
    ) -> Iterator[Item_co]:
        """Every item of a list: ``client.all(client.runs, workflow="etl")``."""
        cursor: str | None = None
        while True:
            page = query(**options, cursor=cursor)
            yield from page.items
            cursor = page.next
            if cursor is None:
                return

    def _get(self, path: str, query: Mapping[str, Any]) -> Any:
        return self._transport.get(self._transport.scoped(path), dict(query))

    def _list(self, path: str, query: Mapping[str, Any]) -> Any:
        """With all that is to be seen, unless the caller says what it has seen."""
        if "min_position" not in query and (position := self._to_be_seen()):
            query = {**query, "min_position": position}
        return self._get(path, query)

    def _one(self, run_id: UUID | str, path: str, query: dict[str, Any]) -> Any:
        path = f"/runs/{run_id}{path}"
        past = query["at_version"] is not None or query["at"] is not None
        if past or query["min_version"] is not None:
            return self._get(path, query)
        own = self._transport.written.version(run_id) if self._read_own_writes else None
        if own is None:
            return self._list(path, query)
        return self._get(path, {**query, "min_version": own})

    def _to_be_seen(self) -> int:
        """The position that an answer must not fall behind."""
        written = self._transport.written
        if self._read_all_writes:
            self._read_all_writes = False
            written.note({"position": self.events(limit=1).position})
        return written.position if self._read_own_writes else 0


def _path(name: str) -> str:
    return quote(name, safe="")


def _id(run_id: UUID | str | None) -> str | None:
    return None if run_id is None else str(run_id)


def _time(at: date | None) -> str | None:
    return None if at is None else at.isoformat()
