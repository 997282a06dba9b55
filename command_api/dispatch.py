"""Who waits for jobs, and when to look for some: first come, first served.

A poll joins the group of those that ask for the same, and the groups of one queue are
served by one task, with one statement on its way at a time. A group is looked at when
there is reason to: an append of this process queued a job for it, another process
notified, the time of a job has come, or a claim may have come to nothing. Between such
moments a poll costs nothing, and one that comes to an empty queue asks nobody.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Self

from domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from domain.ports import RunAgenda
    from infra.jobs.hearing import Heard
    from infra.jobs.queue import Ask, Claim, JobQueue

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Jobs that one statement claims at most."""

LOOK_S = 5.0
"""So often a group that waits is looked at without a reason: where a notification was
lost, or a neighbour died between its claim and its append."""

PAUSE_S = 0.5
"""Before the next look, while the store is away."""

MAX_GROUPS = 1_000
"""Groups of a queue that are remembered while nobody waits in them."""

MAX_LINES = 1_000
"""Queues that are remembered while nobody waits in them."""

NEVER = float("inf")


_arrivals = count()


class Poll:
    """One request that waits; ``claims`` is answered once, with nothing at its end."""

    def __init__(self, group: _Group, wanted: int, *, once: bool) -> None:
        self.wanted = wanted
        self.once = once
        self.arrival = next(_arrivals)
        self.claims: asyncio.Future[list[Claim]] = (
            asyncio.get_running_loop().create_future()
        )
        self._group = group

    def end(self) -> None:
        """Time is up, or nobody is there any more."""
        self._group.polls.pop(self, None)
        if not self.claims.done():
            self.claims.set_result([])

    def fail(self, error: Exception) -> None:
        self._group.polls.pop(self, None)
        if not self.claims.done():
            self.claims.set_exception(error)


class _Group:
    """Polls that ask for the same. Moments are by the loop's clock."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.workflows = frozenset(ask.workflows)
        self.capabilities = frozenset(ask.capabilities)
        self.polls: dict[Poll, None] = {}
        self.look_at = 0.0
        """0: there is reason to look now."""
        self.later = NEVER
        """When the next job is available, of those that we know of."""
        self.surveyed = False
        """We know of all that the queue has for later."""

    @property
    def due(self) -> float:
        return min(self.look_at, self.later)

    def reconsider(self) -> None:
        """Anything may have changed."""
        self.look_at = 0.0
        self.surveyed = False


class _Line:
    """All groups of one queue."""

    def __init__(self) -> None:
        self.groups: dict[Ask, _Group] = {}
        self.wake = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def group(self, ask: Ask) -> _Group:
        found = self.groups.get(ask)
        if found is None:
            if len(self.groups) >= MAX_GROUPS:
                for each in [g for g in self.groups.values() if not g.polls]:
                    del self.groups[each.ask]
            found = self.groups[ask] = _Group(ask)
        return found


class Dispatcher:
    """For all requests of one process. ``async with``; its end answers all who wait."""

    def __init__(self, queue: JobQueue) -> None:
        self.queue = queue
        self._lines: dict[tuple[str, str], _Line] = {}
        self._closing = False
        self.own_session: Callable[[], int | None] = lambda: None
        """Which session notifies for this process: what it says is known already."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.close()
        for line in self._lines.values():
            if line.task is not None:
                with suppress(asyncio.CancelledError):
                    await line.task

    def close(self) -> None:
        """Nobody waits any longer, and nobody will."""
        self._closing = True
        for line in self._lines.values():
            for group in line.groups.values():
                for poll in list(group.polls):
                    poll.end()
            line.wake.set()

    def waiting(self) -> int:
        """How many polls wait."""
        return sum(
            len(group.polls)
            for line in self._lines.values()
            for group in line.groups.values()
        )

    def poll(self, ask: Ask, wanted: int, *, once: bool = False) -> Poll:
        """Wait in line. Whoever does not use what ``claims`` brings gives it back.

        ``once``: not for ever, but until it has been looked for; then ``claims`` may
        raise ``Unavailable``.
        """
        if len(self._lines) > MAX_LINES:
            self._lines = {k: one for k, one in self._lines.items() if one.task}
        line = self._lines.setdefault((ask.namespace, ask.queue), _Line())
        group = line.group(ask)
        poll = Poll(group, wanted, once=once)
        if self._closing:
            poll.end()
            return poll
        group.polls[poll] = None
        if once:
            group.look_at = 0.0
        if line.task is None:
            line.task = asyncio.create_task(self._serve(line), name="jobs")
        else:
            line.wake.set()
        return poll

    async def give_back(self, claims: Sequence[Claim], ask: Ask) -> None:
        """Others may have these."""
        if not claims:
            return
        with suppress(Unavailable):  # then they are over by themselves
            await self.queue.give_back(claims)
        self._reconsider(ask.namespace, ask.queue)

    def committed(self, namespace: str, agendas: Sequence[RunAgenda]) -> None:
        """An append of this process: its jobs are there to be claimed."""
        now = None
        for _, workflow, agenda in agendas:
            for job in agenda.queued:
                line = self._lines.get((namespace, job.queue))
                if line is None:
                    continue
                due = 0.0
                if job.wait_us > 0:
                    now = now or asyncio.get_running_loop().time()
                    due = now + job.wait_us / 1_000_000
                for group in line.groups.values():
                    if (
                        due < group.due
                        and workflow in group.workflows
                        and group.capabilities.issuperset(job.requires)
                    ):
                        if due:
                            group.later = due
                        else:
                            group.look_at = 0.0
                        if group.polls:
                            line.wake.set()

    def heard(self, channel: str, message: Heard | None) -> None:
        """A notification: jobs in these queues, or in any."""
        if message is not None and message[1] == self.own_session():
            return
        if message is None or not message[0]:
            for namespace, queue in list(self._lines):
                self._reconsider(namespace, queue)
            return
        for place in message[0].split("\n"):
            namespace, _, queue = place.partition("/")
            self._reconsider(namespace, queue)

    def _reconsider(self, namespace: str, queue: str) -> None:
        line = self._lines.get((namespace, queue))
        if line is not None:
            for group in line.groups.values():
                group.reconsider()
            line.wake.set()

    async def _serve(self, line: _Line) -> None:
        """As long as anybody waits in it."""
        loop = asyncio.get_running_loop()
        try:
            while waiting := [group for group in line.groups.values() if group.polls]:
                line.wake.clear()
                now = loop.time()
                due = [group for group in waiting if group.due <= now]
                if due:
                    for group in sorted(due, key=_longest_waiting):
                        await self._look(group)
                    continue
                first = min(group.due for group in waiting)
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(first):
                        await line.wake.wait()
        finally:
            line.task = None

    async def _look(self, group: _Group) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        wanted = min(AT_ONCE, sum(poll.wanted for poll in group.polls))
        if not wanted:
            return  # they left while others were served
        if group.later <= now or group.look_at > 0:
            group.later = NEVER
            group.surveyed = False
        # Before the statement: what is queued from here on makes it due again.
        group.look_at = now + LOOK_S
        once = [poll for poll in group.polls if poll.once]
        try:
            claims = await self.queue.claim(group.ask, wanted)
            left = _hand_out(group, claims)
            for poll in once:
                poll.end()
            if left:
                await self.give_back(left, group.ask)
            elif len(claims) == wanted:
                group.look_at = 0.0
            elif group.polls and not group.surveyed:
                group.surveyed = True
                seconds = await self.queue.next_available(group.ask)
                if seconds is not None:
                    # A little later: two clocks are in play.
                    later = loop.time() + max(seconds, 0.0) + 0.001
                    group.later = min(group.later, later)
        except Unavailable as error:
            log.warning("nobody is given jobs for now: %s", error.message)
            for poll in once:
                poll.fail(error)
            group.reconsider()
            group.look_at = loop.time() + PAUSE_S
        except Exception:
            # A mistake of ours: those who wait must not wait for nobody.
            log.exception("looking for jobs failed")
            group.look_at = loop.time() + PAUSE_S


def _hand_out(group: _Group, claims: list[Claim]) -> list[Claim]:
    """To each poll in its turn as many as it wants; what is left, nobody wants now."""
    given = 0
    while given < len(claims) and group.polls:
        poll = next(iter(group.polls))
        mine = claims[given : given + poll.wanted]
        given += len(mine)
        del group.polls[poll]
        poll.claims.set_result(mine)
    return claims[given:]


def _longest_waiting(group: _Group) -> int:
    return next((poll.arrival for poll in group.polls), 0)
