"""Jobs, for workers: lease some, say that one is still at them, report on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from command_api.carrying_out import CommandAnswer, NamespacePath
from command_api.leasing import HungUp, Wish
from command_api.parts import parts
from command_api.reporting import carry_out_reports
from domain.ids import Line, Name
from domain.run.commands import (
    CompleteStep,
    FailStep,
    ReleaseJob,
    RequestApproval,
    StopJob,
)
from infra.jobs.queue import Ask, Beat
from infra.web import bodies, problems
from infra.web.operations import MIB, Answer, Body, Call, Operation, Reply

if TYPE_CHECKING:
    from command_api.reporting import Reported

Worker = Annotated[Line, Field(min_length=1)]

REPORTS_LIMIT = 16 * MIB
MAX_REPORTS = 500
MAX_BEATS = 1_000

POSITION_HEADER = {"Runledger-Position": "The last one that it has reached."}


class LeaseBody(BaseModel):
    """What a worker can do, and how much of it at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    worker: Worker
    """Which process it is: the same at every request, another's for no other."""
    queue: Name = "default"
    workflows: Annotated[tuple[Name, ...], Field(min_length=1, max_length=200)]
    """The ones that it has functions for."""
    capabilities: Annotated[tuple[Name, ...], Field(max_length=200)] = ()
    """What steps may require of it."""
    max_jobs: int = Field(default=1, ge=1, le=200)
    lease_s: float = Field(default=30, ge=5, le=3_600, allow_inf_nan=False)
    """A job is lost when so long passes without a heartbeat."""
    wait_s: float = Field(default=20, ge=0, le=30, allow_inf_nan=False)
    """How long to wait for a first job."""
    slots: int | None = Field(default=None, ge=1, le=100_000)
    """How many jobs the worker does at once. Only shown."""
    known: Annotated[tuple[UUID, ...], Field(max_length=100_000)] | None = None
    """Leases that the worker has. After an answer got lost on its way: jobs of this
    very worker that are not among them are handed out again, before any others."""


class EarlierDecision(BaseModel):
    """What somebody said of it."""

    actor: str
    decision: Literal["approved", "rejected"]
    at: AwareDatetime
    comment: str
    form: JsonValue


class EarlierIteration(BaseModel):
    """What came of an iteration of the same step, and what people said of it."""

    iteration: int
    output: JsonValue
    """One over 32 KiB as ``{"digest": ..., "size": ...}``."""
    summary: str
    decisions: list[EarlierDecision]


class JobAnswer(BaseModel):
    """A job that is the worker's now, and what it needs to do it."""

    run_id: UUID
    workflow: str
    workflow_version: int
    number: int
    step: str
    iteration: int
    attempt: int
    lease: UUID
    """Heartbeats, reports and log lines of this job name it."""
    lease_s: float
    timeout_s: float | None
    effects: Literal["none", "idempotent", "once"]
    retry_of: UUID | None
    inputs: JsonValue
    outputs: dict[str, JsonValue]
    """By the steps that this one needs."""
    approvals: dict[str, list[EarlierDecision]]
    """What people decided about the steps that this one needs."""
    feedback: str | None
    """What is to be done differently, where this step was sent back to work."""
    earlier: list[EarlierIteration]
    """Oldest first."""


class LeaseAnswer(BaseModel):
    jobs: list[JobAnswer]
    """Empty when there was nothing to do for as long as the request waited."""
    position: int


class Progress(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    fraction: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)
    message: Annotated[str, Field(max_length=1_000)] = ""


class HeartbeatJob(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: UUID
    step: Name
    lease: UUID
    progress: Progress | None = None
    """How far it is; shown beside the job, and recorded nowhere."""


class HeartbeatBody(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    worker: Worker
    jobs: Annotated[tuple[HeartbeatJob, ...], Field(max_length=MAX_BEATS)]


class BeatAnswer(BaseModel):
    """``ok``: the lease is extended. ``stop``: so it is, but the run is being canceled:
    stop, and report ``stop_job`` (what is done all the same may be reported as done).
    ``gone``: the lease is no longer the worker's, and what it reports is discarded."""

    run_id: UUID
    step: str
    lease: UUID
    state: Literal["ok", "stop", "gone"]
    reason: str


class HeartbeatAnswer(BaseModel):
    jobs: list[BeatAnswer]
    """In the order of the request's."""


JobReport = Annotated[
    CompleteStep | FailStep | RequestApproval | ReleaseJob | StopJob,
    Field(discriminator="type"),
]


class ReportItem(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: UUID
    report: JobReport


class NextJobs(BaseModel):
    """Whoever reports goes on at once with what that queues in the same runs: at most
    as many jobs of a run as reports on it. Members as for leasing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    worker: Worker
    queue: Name = "default"
    workflows: Annotated[frozenset[Name], Field(min_length=1, max_length=200)]
    capabilities: Annotated[frozenset[Name], Field(max_length=200)] = frozenset()
    lease_s: float = Field(default=30, ge=5, le=3_600, allow_inf_nan=False)


class ReportsBody(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reports: Annotated[
        tuple[ReportItem, ...], Field(min_length=1, max_length=MAX_REPORTS)
    ]
    next: NextJobs | None = None


class ReportedAnswer(CommandAnswer):
    discarded: bool
    """The attempt was no longer current: the report is kept, and changes nothing."""


class ReportAnswer(BaseModel):
    status: int
    answer: ReportedAnswer | None = None
    problem: problems.ProblemDocument | None = None


class ReportsAnswer(BaseModel):
    items: list[ReportAnswer]
    """In the order of the request's."""
    jobs: list[JobAnswer]
    """Leased for the worker that ``next`` names."""
    position: int


async def lease_jobs(call: Call) -> Reply:
    path = call.path_as(NamespacePath)
    body = call.body_as(LeaseBody)
    here = parts(call)
    ask = Ask(
        path.ns,
        body.queue,
        tuple(sorted(set(body.workflows))),
        tuple(sorted(set(body.capabilities))),
    )
    principal = call.principal.name
    here.attendance.asked(ask, body.worker, principal, body.slots)
    wish = Wish(
        ask,
        body.worker,
        principal,
        body.max_jobs,
        body.lease_s,
        body.wait_s,
        body.known,
    )
    try:
        leased = await here.leasing.lease(wish, call.receive)
    except HungUp:
        raise bodies.Disconnected from None
    position = leased.position or await here.log.head()
    return _reply({"jobs": leased.documents(), "position": position}, position)


_REASONS = {
    "ok": "",
    "stop": "The run is being canceled.",
    "gone": "It is not, or no longer, your lease.",
}


async def heartbeat(call: Call) -> Reply:
    path = call.path_as(NamespacePath)
    body = call.body_as(HeartbeatBody)
    here = parts(call)
    here.attendance.lives(path.ns, body.worker)
    beats = [
        Beat(
            job.run_id,
            job.step,
            job.lease,
            None if job.progress is None else job.progress.model_dump_json(),
        )
        for job in body.jobs
    ]
    states: list[str] = []
    if beats:
        states = await here.jobs.beat(path.ns, call.principal.name, beats)
    return Reply(
        orjson.dumps(
            {
                "jobs": [
                    {
                        "run_id": beat.run_id,
                        "step": beat.step,
                        "lease": beat.lease,
                        "state": state,
                        "reason": _REASONS[state],
                    }
                    for beat, state in zip(beats, states, strict=True)
                ]
            }
        )
    )


async def report_jobs(call: Call) -> Reply:
    path = call.path_as(NamespacePath)
    body = call.body_as(ReportsBody)
    here = parts(call)
    outcomes, jobs = await carry_out_reports(call, path.ns, body.reports, body.next)
    position = max((one.position for one in outcomes), default=0)
    position = position or await here.log.head()
    leased = await here.leasing.with_values(path.ns, jobs, position)
    answers = [_item(one, call.scope["path"]) for one in outcomes]
    return _reply(
        {"items": answers, "jobs": leased.documents(), "position": position}, position
    )


def _item(outcome: Reported, instance: str) -> dict[str, object]:
    if outcome.error is not None:
        problem = problems.of(outcome.error)
        return {"status": problem.status, "problem": problem.document(instance)}
    return {"status": 200, "answer": outcome.answer}


def _reply(value: dict[str, Any], position: int) -> Reply:
    return Reply(
        orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z),
        200,
        ((b"runledger-position", b"%d" % position),),
    )


OPERATIONS = (
    Operation(
        "POST",
        "/v1/{ns}/jobs/lease",
        lease_jobs,
        "Lease jobs, and wait for a first one",
        action="worker",
        tag="jobs",
        description=(
            "A long poll: it is answered as soon as there is a job for this worker, "
            "with at most `max_jobs` of those that wait longest, or empty after "
            "`wait_s`. A client that hangs up while it waits leases nothing. A leased "
            "job is reported on with its `attempt` and `lease`; without a heartbeat "
            "or a report for `lease_s` it is lost."
        ),
        path_model=NamespacePath,
        body=Body(LeaseBody, required=True),
        answers={
            200: Answer(LeaseAnswer, "The jobs, oldest first.", headers=POSITION_HEADER)
        },
    ),
    Operation(
        "POST",
        "/v1/{ns}/jobs/heartbeat",
        heartbeat,
        "Say that these jobs are still worked on",
        action="worker",
        tag="jobs",
        description=(
            f"For at most {MAX_BEATS} jobs at once. Extends each lease by its own time "
            "from now on, takes news of progress, and passes on that a job is to stop. "
            "No event, and never refused: what is not the caller's is `gone`."
        ),
        path_model=NamespacePath,
        body=Body(HeartbeatBody, required=True),
        answers={200: Answer(HeartbeatAnswer, "What each is to do.")},
    ),
    Operation(
        "POST",
        "/v1/{ns}/jobs/reports",
        report_jobs,
        "Report how jobs have ended, an answer for each",
        action="worker",
        tag="jobs",
        description=(
            f"At most {MAX_REPORTS} reports: complete_step, fail_step, "
            "request_approval, release_job, stop_job, each with the `attempt` and the "
            "`lease` of its job. One that is refused does not keep the others. None "
            "needs a key: the same report again records nothing; one on an attempt "
            "that is no longer current is recorded as discarded, and answered so. With "
            "`next` the worker is given at once what its reports have queued."
        ),
        path_model=NamespacePath,
        body=Body(ReportsBody, limit=REPORTS_LIMIT, required=True),
        answers={
            200: Answer(
                ReportsAnswer,
                "An answer or a problem per report, in order.",
                headers=POSITION_HEADER,
            )
        },
    ),
)
