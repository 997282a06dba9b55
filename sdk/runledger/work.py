"""Jobs, workers and queues; and whether something may run again: as methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack
from urllib.parse import quote

from runledger.models import (
    JobList,
    QueueList,
    RedoSafety,
    RetrySafety,
    WorkerList,
)
from runledger.queries import Queries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from runledger.queries import Paged


class Work(Queries):
    """Who carries what out, and how that goes."""

    def jobs(
        self,
        *,
        state: Sequence[str] = (),
        queue: str | None = None,
        worker: str | None = None,
        run: UUID | str | None = None,
        workflow: str | None = None,
        **options: Unpack[Paged],
    ) -> JobList:
        """Newest first; ``state``: any of these; ``worker``: who has or had it."""
        more = {
            "state": tuple(state),
            "queue": queue,
            "worker": worker,
            "run": None if run is None else str(run),
            "workflow": workflow,
        }
        return JobList.model_validate(self._list("/jobs", {**options, **more}))

    def run_jobs(
        self,
        run_id: UUID | str,
        *,
        state: Sequence[str] = (),
        **options: Unpack[Paged],
    ) -> JobList:
        """Of one run, newest first."""
        found = self._list(f"/runs/{run_id}/jobs", {**options, "state": tuple(state)})
        return JobList.model_validate(found)

    def workers(
        self,
        *,
        state: str | None = None,
        queue: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> WorkerList:
        """As they are at this moment; ``state``: ``live`` or ``offline``."""
        query = {"state": state, "queue": queue, "limit": limit, "cursor": cursor}
        return WorkerList.model_validate(self._get("/workers", query))

    def queues(self) -> QueueList:
        """What waits in each at this moment, and who serves it."""
        return QueueList.model_validate(self._get("/queues", {}))

    def retry_safety(
        self,
        run_id: UUID | str,
        *,
        retry_from: str = "failed",
        version: int | None = None,
    ) -> RetrySafety:
        """Whether a retry does harm: a verdict for each step that would run again.

        Never behind. Send its ``version`` as ``if_match``, and what is accepted is what
        was shown.
        """
        query = {"from": retry_from, "version": version}
        found = self._get(f"/runs/{run_id}/retry-safety", query)
        return RetrySafety.model_validate(found)

    def redo_safety(self, run_id: UUID | str, step: str) -> RedoSafety:
        """The same of a redo, with all that is built on the step."""
        path = f"/runs/{run_id}/steps/{quote(step, safe='')}/redo-safety"
        return RedoSafety.model_validate(self._get(path, {}))
