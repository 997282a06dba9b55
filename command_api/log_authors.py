"""Who may write to the log of an attempt: whoever carries it out, and how long."""

from __future__ import annotations

import time
from collections import OrderedDict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from domain.errors import NotFound, NotYourJob, UnknownRun, UnknownStep
from domain.loading import Runs
from infra.logs import LATE
from infra.sql import load
from infra.web.problems import Problem

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg_pool import AsyncConnectionPool

    from domain.handling import CommandHandler
    from domain.ports import Catalogue, EventLog
    from domain.run.state import Attempt, Run, StepRun
    from infra.logs.attempts import AttemptKey

QUERIES = load(Path(__file__).with_name("log_authors.sql"))

TRUSTED_S = 30.0
"""How long an answer is remembered: a closed log may take lines so much longer."""
MAX_REMEMBERED = 50_000
KNOWN_RUNS = 1_000


class _Asked(NamedTuple):
    key: AttemptKey
    principal: str
    lease: UUID | None


class Authors:
    """Asks the runs' history, and remembers what it said."""

    def __init__(
        self,
        handler: CommandHandler,
        log: EventLog,
        catalogue: Catalogue,
        pool: AsyncConnectionPool[Any],
    ) -> None:
        self._handler = handler
        # Of its own: what is read here must not replace what the handler knows.
        self._runs = Runs(log, catalogue, KNOWN_RUNS)
        self._pool = pool
        self._trusted: OrderedDict[_Asked, float] = OrderedDict()

    async def check(self, key: AttemptKey, principal: str, lease: UUID | None) -> None:
        """Costs nothing for an attempt that was asked about before, and no read for one
        that this process has just started.

        Raises:
            NotFound: there is no such run, step or attempt in the namespace.
            NotYourJob: somebody else carries it out, or under another lease.
            Problem: ``log-closed``, it ended long ago.
        """
        asked = _Asked(key, principal, lease)
        now = time.monotonic()
        trusted = self._trusted.get(asked)
        if trusted is not None and trusted > now:
            return
        # Who started it, memory knows; whether it has ended since, it may not.
        run, attempt = await self._attempt(key, fresh=trusted is not None)
        step = run.steps[key.step]
        if lease is not None and not _has_lease(step, key.attempt, lease):
            raise NotYourJob(
                f"The lease {lease} is not the one of attempt {key.attempt} of "
                f"{key.step!r}: send the lease that came with the job."
            )
        if attempt.actor != principal and not (
            run.observed and await self._reported(key.run_id, principal)
        ):
            raise NotYourJob(
                f"Attempt {key.attempt} of {key.step!r} was started by "
                f"{attempt.actor!r}, not by {principal!r}: its log is written by "
                "whoever carries it out."
            )
        if not run.observed:
            _check_open(key, attempt)
        self._trusted[asked] = now + TRUSTED_S
        self._trusted.move_to_end(asked)
        if len(self._trusted) > MAX_REMEMBERED:
            self._trusted.popitem(last=False)

    async def _attempt(self, key: AttemptKey, *, fresh: bool) -> tuple[Run, Attempt]:
        known = None if fresh else self._handler.remembered(key.run_id)
        if known is not None and known.namespace == key.namespace:
            attempt = _of(known.run, key)
            if attempt is not None:
                return known.run, attempt
        known = await self._runs.get(key.namespace, key.run_id, fresh=True)
        if known is None:
            raise UnknownRun(f"There is no run {key.run_id} in this namespace.")
        if key.step not in known.run.steps:
            raise UnknownStep(f"This run has no step {key.step!r}.")
        attempt = _of(known.run, key)
        if attempt is None:
            raise NotFound(
                f"Step {key.step!r} has no attempt {key.attempt}: lines belong to an "
                "attempt that was started."
            )
        return known.run, attempt

    async def _reported(self, run_id: UUID, principal: str) -> bool:
        """Whether it has told of this run: of an observed one the actor is its
        source's, and the reporter another one."""
        asked = {"run_id": run_id, "principal": principal}
        async with self._pool.connection() as connection:
            cursor = await connection.execute(QUERIES["reported"], asked)
            row = await cursor.fetchone()
        return bool(row and row[0])


def _of(run: Run, key: AttemptKey) -> Attempt | None:
    step = run.steps.get(key.step)
    attempts = () if step is None else step.attempts
    return next((one for one in attempts if one.number == key.attempt), None)


def _has_lease(step: StepRun, attempt: int, lease: UUID) -> bool:
    return any(job.attempt == attempt and job.lease == lease for job in step.jobs)


def _check_open(key: AttemptKey, attempt: Attempt) -> None:
    if attempt.outcome == "running" or attempt.ended_at is None:
        return
    if datetime.now(UTC) - attempt.ended_at > LATE:
        raise Problem(
            "log-closed",
            f"Attempt {key.attempt} of {key.step!r} ended at "
            f"{attempt.ended_at:%Y-%m-%d %H:%M:%S} UTC; its log takes lines for "
            f"{LATE.total_seconds() / 60:.0f} minutes after that.",
        )
