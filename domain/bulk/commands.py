"""What may be asked of a bulk operation: one command to many runs, on the record."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from domain.bulk.items import BulkItem, ItemResult
from domain.commands import Command
from domain.ids import Line, Name, Text
from domain.run.commands import RetryFrom
from domain.run.state import RunState

MAX_ITEMS = 20_000
"""Runs, or questions to people, of one operation."""

Digest = Annotated[str, Field(pattern=r"^[0-9]{1,9}-[0-9]{1,19}-[0-9a-f]{64}$")]


class Wanted(BaseModel):
    """What is to be done to each item. ``type`` has no default: it is stored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: ClassVar[str] = "operator"
    asks_people: ClassVar[bool] = False
    """Its items are open approvals, not runs."""


class CancelRuns(Wanted):
    type: Literal["cancel"]
    force: bool = False


class RetryRuns(Wanted):
    type: Literal["retry"]
    retry_from: RetryFrom = "failed"
    accept_unsafe: bool = False
    """Retry also where steps are not safe to run again; else those are refused."""


class ApproveSteps(Wanted):
    role: ClassVar[str] = "approver"
    asks_people: ClassVar[bool] = True
    type: Literal["approve"]
    form: JsonValue = None
    """What the questions' policies ask to be filled in: the same for each."""


class RejectSteps(Wanted):
    role: ClassVar[str] = "approver"
    asks_people: ClassVar[bool] = True
    type: Literal["reject"]


class RedoSteps(Wanted):
    role: ClassVar[str] = "approver"
    type: Literal["redo"]
    step: Name
    accept_unsafe: bool = False
    """Redo also where steps are not safe to run again; else those are refused."""


BulkCommand = Annotated[
    CancelRuns | RetryRuns | ApproveSteps | RejectSteps | RedoSteps,
    Field(discriminator="type"),
]


class RunFilter(BaseModel):
    """Which runs are meant: all that fit every member that is there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    workflow: Name | None = None
    state: tuple[RunState, ...] = Field(default=(), max_length=len(RunState))
    """Any of these."""
    actor: Line | None = None
    """Who created it."""
    created_after: AwareDatetime | None = None
    created_before: AwareDatetime | None = None
    retry_of: UUID | None = None
    observed: bool | None = None
    external_id: Line | None = None
    number: Annotated[int, Field(ge=1, le=2**62)] | None = None
    step: Name | None = None
    """Approve and reject: only questions of this step."""
    run_ids: tuple[UUID, ...] = Field(default=(), max_length=MAX_ITEMS)
    """Only these runs. Those that are not there are listed as such."""

    @property
    def empty(self) -> bool:
        return not self.model_dump(exclude_defaults=True)


class StartBulk(Command):
    """Do it to every run of the list, which stays as it is from here on."""

    role: ClassVar[str] = "operator"
    type: Literal["start_bulk"] = "start_bulk"

    command: BulkCommand
    filter: RunFilter
    digest: Digest | None = None
    """Of the list as the preview had it; refused if it is another one by now."""
    take_as_is: bool = False
    """Whatever the list is by now."""
    reason: Text = ""
    items: tuple[BulkItem, ...] = Field(default=(), exclude=True)
    """The list as it was found for this start. Not the caller's to say."""
    changed: tuple[str, ...] = Field(default=(), exclude=True)
    """Names of some that have changed since the preview, to be told."""
    groups: tuple[Line, ...] = Field(default=(), exclude=True)
    """Of people, that the caller belongs to."""


class StopBulk(Command):
    """Leave what is not done yet as it is."""

    role: ClassVar[str] = "operator"
    type: Literal["stop_bulk"] = "stop_bulk"

    reason: Text = ""


class RecordItems(Command):
    """The runner's: what became of the next items. Never taken from a request."""

    role: ClassVar[str] = "service"
    type: Literal["record_items"] = "record_items"

    first: int
    results: tuple[ItemResult, ...]


class EndBulk(Command):
    """The runner's: there is nothing more to do. Never taken from a request."""

    role: ClassVar[str] = "service"
    type: Literal["end_bulk"] = "end_bulk"


BulkTask = StartBulk | StopBulk | RecordItems | EndBulk
