"""What the service itself asks of a run: leasing for workers, and what timers bring.

Never taken from a request. Each names what it is about so exactly that, late or told
twice, it does nothing: no events, and no refusal.
"""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from domain.commands import Command


class OwnCommand(Command):
    """Base."""

    role: ClassVar[str] = "service"


class LeaseJob(OwnCommand):
    """The caller's worker takes the queued job: it is leased, its attempt starts."""

    type: Literal["lease_job"] = "lease_job"

    step: str
    iteration: int
    attempt: int
    lease: UUID
    worker: str
    lease_s: float


class LeaseQueued(OwnCommand):
    """The caller's worker goes on with what its reports have just queued: at most as
    many jobs as there are leases, of its queue and workflows, that it is capable of."""

    type: Literal["lease_queued"] = "lease_queued"

    queue: str
    workflows: frozenset[str]
    capabilities: frozenset[str]
    leases: tuple[UUID, ...]
    worker: str
    lease_s: float


class LoseJob(OwnCommand):
    """The lease has run out."""

    type: Literal["lose_job"] = "lose_job"

    step: str
    lease: UUID


class TimeOutStep(OwnCommand):
    type: Literal["time_out_step"] = "time_out_step"

    step: str
    iteration: int
    attempt: int


class TimeOutRun(OwnCommand):
    type: Literal["time_out_run"] = "time_out_run"


class ExpireApproval(OwnCommand):
    type: Literal["expire_approval"] = "expire_approval"

    step: str
    iteration: int


class RemindApproval(OwnCommand):
    type: Literal["remind_approval"] = "remind_approval"

    step: str
    iteration: int
    nth: int
    """From 1."""
