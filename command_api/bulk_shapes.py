"""What is sent and answered about bulk operations."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from command_api.carrying_out import NamespacePath
from domain.bulk.commands import BulkCommand, Digest, RunFilter
from domain.ids import Name, Text


class BulkPath(NamespacePath):
    bulk_id: UUID


class Preview(BaseModel):
    """What is to be done, and to which runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    command: BulkCommand
    filter: RunFilter


class NewBulk(Preview):
    """The same, with the digest of the list that the caller was shown."""

    digest: Digest | None = None
    """Of the preview. The list must be the same still."""
    take_as_is: bool = False
    """Take the list as it is by now: no digest is held against it."""
    reason: Text = ""
    """Of each cancel or retry, the comment of each decision, the feedback of a redo."""


class Stop(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Text = ""


class PreviewItem(BaseModel):
    """A run of the list, or the question of one of its steps."""

    run_id: UUID
    workflow: str | None
    """Null where there is no such run."""
    number: int | None
    state: str | None
    step: Name | None
    """Approve and reject: whose question it is."""
    iteration: int | None
    subject_digest: str | None
    summary: str | None
    expected: Literal["done", "nothing", "refused", "not_found"]
    """What would become of it, by its state alone."""
    code: str | None
    """Of the refusal that it would meet."""
    why: str | None
    verdict: Literal["safe", "unknown", "unsafe"] | None
    """Retry: the worst of the steps that would run again."""


class ExpectedRefusal(BaseModel):
    code: str
    why: str
    items: int


class SafetyCounts(BaseModel):
    """Runs by the worst verdict of the steps that would run again."""

    safe: int
    unknown: int
    unsafe: int


class BulkPreview(BaseModel):
    """What a bulk operation would be about if it started now."""

    total: int
    items: list[PreviewItem]
    """The first 50; the newest runs first."""
    expected: dict[str, int]
    """Items by what would become of them: done, nothing (it is so already), refused,
    not_found."""
    refusals: list[ExpectedRefusal]
    """Why those would be refused, the most frequent reason first."""
    safety: SafetyCounts | None
    """Retry only. Those that are not safe are refused unless accept_unsafe is said."""
    digest: str
    """Of this very list: name it to start."""
    position: int
    """Everything up to this place of the log is in the list."""
    head: int
    """The log's end. What lies between is not in the list yet."""


class BulkAnswer(BaseModel):
    """Where the operation is after the command. How it goes on, the query API shows."""

    bulk_id: UUID
    state: Literal["running", "stopping", "stopped", "completed"]
    total: int
    version: int
    position: int
    repeated: bool = False
    """Carried out before, under the same key; nothing was done now."""
