"""One step of a run in full: its row, its definition, its jobs, what it waits for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from query_api import job_shapes, shapes
from query_api.awaiting import step_awaits
from query_api.explanation import step_explanation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from domain.workflow.definition import StepDefinition, WorkflowDefinition

Row = dict[str, Any]


class Jobs:
    """A run's jobs as its rows have them, and what is known of the open ones live."""

    def __init__(self, rows: Iterable[Row] = (), live: Iterable[Row] = ()) -> None:
        self._rows: dict[str, list[Row]] = {}
        for row in rows:
            self._rows.setdefault(row["step"], []).append(row)
        self._live = {(job_shapes.named(row), row["state"]): row for row in live}

    def of(self, step: str) -> tuple[list[Row], Row | None]:
        """The jobs of a step, oldest first, and the open one as it is known live.

        Live tables are ahead of the read tables: where the two do not tell of the same
        state, nothing is known.
        """
        rows = self._rows.get(step, [])
        if not rows:
            return [], None
        live = [self._live.get((job_shapes.named(row), row["state"])) for row in rows]
        found = [job_shapes.job(row, one) for row, one in zip(rows, live, strict=True)]
        return found, live[-1]


def step_detail(
    row: Row,
    definition: WorkflowDefinition,
    jobs: Jobs,
    run: Mapping[str, Any],
    now: datetime,
) -> Row:
    """As it is answered, without what may be done. ``run``: as it is answered."""
    shape = shapes.step(row)
    own, live = jobs.of(row["step"])
    _give(shape["attempts"], own)
    last = own[-1] if own else None
    shape |= _defined(definition.by_name.get(row["step"]))
    shape |= {
        "job": last if last and last["state"] in ("queued", "leased") else None,
        "losses": sum(
            one["given_up"] == "lost" and one["iteration"] == shape["iteration"]
            for one in shape["attempts"]
        ),
        "waits": _waits(shape, own),
        "times_out_at": _times_out_at(shape),
    }
    shape["awaits"] = step_awaits(shape, run, live, now)
    shape |= {"explanation": step_explanation(shape), "actions": []}
    return shape


def _defined(step: StepDefinition | None) -> Row:
    return {
        "kind": "task" if step is None else step.kind,
        "needs": [] if step is None else list(step.needs),
        "effects": None if step is None else step.effects,
        "queue": None if step is None else step.queue,
        "requires": [] if step is None else list(step.requires),
        "timeout_s": None if step is None else step.timeout_s,
        "max_attempts": None if step is None else step.max_attempts,
        "max_losses": None if step is None else step.max_losses,
        "description": "" if step is None else step.description,
    }


def _give(attempts: Sequence[Row], jobs: Sequence[Row]) -> None:
    """Each attempt its job: of several with its number the one that was leased."""
    leased = {one["attempt"]: one for one in jobs if one["leased_at"] is not None}
    for attempt in attempts:
        attempt["job"] = leased.get(attempt["number"])


def _waits(step: Row, jobs: Sequence[Row]) -> Row:
    """How long it waited, apart from the time that it ran: as far as that is over."""
    asked = [
        (one["closed_at"] - one["requested_at"]).total_seconds()
        for one in step["approvals"]
        if one["closed_at"] is not None
    ]
    queued: list[float] = [one["queued_s"] for one in jobs if one["queued_s"]]
    if not jobs and step["queued_at"] is not None and step["attempts"]:
        # A service reports it. Of earlier attempts nobody knows when they were queued.
        started = step["attempts"][-1]["started_at"]
        if started is not None and started >= step["queued_at"]:
            queued = [(started - step["queued_at"]).total_seconds()]
    return {
        "backoff_s": sum(one["backoff_s"] or 0.0 for one in jobs),
        "queued_s": sum(queued),
        "people_s": max(sum(asked), 0.0),
    }


def _times_out_at(step: Row) -> datetime | None:
    if step["state"] != "running" or step["timeout_s"] is None:
        return None
    started: datetime | None = None
    if step["attempts"]:
        started = step["attempts"][-1]["started_at"]
    return None if started is None else started + timedelta(seconds=step["timeout_s"])
