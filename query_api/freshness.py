"""Answers that are as new as the caller asks for, or say that they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.web.problems import Problem
from query_api.waiting import Goal

if TYPE_CHECKING:
    from uuid import UUID

    from query_api.parameters import Fresh
    from query_api.waiting import Waiting


async def stale(
    waiting: Waiting,
    fresh: Fresh,
    run_id: UUID | None = None,
    min_version: int | None = None,
) -> bool:
    """Wait for what the caller asked for; whether the answer is without it.

    Raises:
        Problem: ``behind``, where the caller wants no stale answer.
    """
    goal = Goal(
        position=fresh.min_position or 0,
        run_id=run_id if min_version else None,
        version=min_version or 0,
    )
    if goal == Goal() or await waiting.until(goal, fresh.wait_s):
        return False
    if fresh.strict:
        raise Problem(
            "behind",
            f"What was asked for did not arrive in the read tables in {fresh.wait_s:g} "
            "s: ask again, or leave out strict for what there is. GET /v1/system says "
            "how far they are.",
            headers={"Retry-After": "1"},
        )
    return True
