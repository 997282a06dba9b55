"""Reports on jobs: together where they are for one run, else each for itself."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from command_api.carrying_out import request_of, told
from command_api.leasing import jobs_of
from command_api.parts import parts
from domain.errors import NotFound, Refused, TooLarge
from domain.requests import Done
from domain.run.events import StepReportDiscarded
from domain.run.own_commands import LeaseQueued
from infra.web.problems import FieldError, Problem, invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from command_api.jobs import JobReport, NextJobs, ReportItem
    from command_api.leasing import Job
    from domain.commands import Command
    from domain.requests import Request
    from infra.web.operations import Call


class Reported(NamedTuple):
    """What became of a report: an answer or an error."""

    answer: dict[str, object] | None = None
    error: Exception | None = None
    position: int = 0


async def carry_out_reports(
    call: Call,
    namespace: str,
    items: Sequence[ReportItem],
    following: NextJobs | None = None,
) -> tuple[list[Reported], list[Job]]:
    """In the order of the items; what is wrong with one keeps no other from being done.

    Those of one run are decided one on top of the other and recorded together. If one
    of them is refused they are carried out one by one instead. ``following``: whoever
    reports goes on with what that queues in the same run, as part of the same append:
    a job that nobody has to look for costs half as much, and begins a trip earlier.
    """
    outcomes: dict[int, Reported] = {}
    by_run: defaultdict[UUID, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        problem = _unfit(item.report, place, call.principal.name)
        if problem is None:
            by_run[item.run_id].append(place)
        else:
            outcomes[place] = Reported(error=problem)
    # Headers are read once; the rest of a request differs by run.
    like = request_of(call, namespace, None, ())._replace(key=None, body_digest=b"")
    handler = parts(call).handler
    groups = list(by_run.items())
    apart: list[tuple[UUID, list[int]]] = []
    results = await handler.carry_out_batch(
        [_request(like, run_id, items, places, following) for run_id, places in groups]
    )
    jobs: list[Job] = []
    for (run_id, places), result in zip(groups, results, strict=True):
        if len(places) > 1 and isinstance(result, (Refused, NotFound, TooLarge)):
            apart += ((run_id, [place]) for place in places)
        else:
            _note(outcomes, items, places, result)
            if following is not None and isinstance(result, Done):
                jobs += jobs_of(run_id, result)
    if apart:
        results = await handler.carry_out_batch(
            [_request(like, run_id, items, places) for run_id, places in apart]
        )
        for (_, places), result in zip(apart, results, strict=True):
            _note(outcomes, items, places, result)
    return [outcomes[place] for place in range(len(items))], jobs


def _request(
    like: Request,
    run_id: UUID,
    items: Sequence[ReportItem],
    places: Sequence[int],
    following: NextJobs | None = None,
) -> Request:
    commands: list[Command] = [items[place].report for place in places]
    if following is not None:
        commands.append(
            LeaseQueued.model_construct(
                queue=following.queue,
                workflows=following.workflows,
                capabilities=following.capabilities,
                leases=tuple(uuid4() for _ in places),
                worker=following.worker,
                lease_s=following.lease_s,
            )
        )
    return like._replace(run_id=run_id, commands=commands)


def _note(
    outcomes: dict[int, Reported],
    items: Sequence[ReportItem],
    places: Sequence[int],
    result: Done | Exception,
) -> None:
    if not isinstance(result, Done):
        outcomes.update((place, Reported(error=result)) for place in places)
        return
    discarded = _discarded(result)
    answer = told(result.answer)
    for place in places:
        report = items[place].report
        found = (report.step, report.attempt) in discarded
        mine: Mapping[str, object] = {**answer, "discarded": found}
        outcomes[place] = Reported(dict(mine), None, result.answer.position)


def _discarded(done: Done) -> set[tuple[str, int | None]]:
    return {
        (event.step, event.attempt)
        for event in done.events
        if type(event) is StepReportDiscarded
    }


def _unfit(report: JobReport, place: int, caller: str) -> Problem | None:
    """What a report on a job must have, where reports of services need not."""
    at = f"#/reports/{place}/report"
    actor = getattr(report, "actor", None)
    if report.attempt is None:
        error = FieldError(pointer=f"{at}/attempt", detail="Names the job's attempt")
    elif report.lease is None:
        error = FieldError(pointer=f"{at}/lease", detail="Names the job's lease")
    elif actor is not None and actor != caller:
        error = FieldError(
            pointer=f"{at}/actor",
            detail=f"It is the caller, {caller!r}, who did it: leave it out",
        )
    else:
        return None
    return invalid([error])
