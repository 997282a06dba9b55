"""Workflows whose steps have jobs, and what workers tell of them."""

from __future__ import annotations

from uuid import UUID

from domain.run.own_commands import LeaseJob
from tests.domain.workflows import approval, task, workflow

LEASE = UUID(int=1)
OTHER = UUID(int=2)


def lease(
    step: str, attempt: int = 1, *, iteration: int = 1, as_: UUID = LEASE
) -> LeaseJob:
    return LeaseJob(
        step=step,
        iteration=iteration,
        attempt=attempt,
        lease=as_,
        worker="host-7",
        lease_s=30,
    )


ONE_JOB = workflow(task("build", queue="default"))
JOBS = workflow(
    task("build", queue="default"), task("deploy", "build", queue="default")
)
REVIEWED_JOBS = workflow(
    task("build", queue="default"),
    approval("review", "build"),
    task("deploy", "review", queue="default"),
)
FORKED_JOBS = workflow(
    task("left", queue="default"),
    task("right", queue="default"),
    task("after", "left", "right", queue="default"),
)
MIXED = workflow(task("job", queue="default"), task("reported"))
PAY = workflow(task("pay", queue="default", effects="once"))
