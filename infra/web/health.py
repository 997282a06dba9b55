"""Is the process alive, and can it do its work: ``/health/live``, ``/health/ready``.

A check returns what it found, as a sentence or a value, and raises if it is bad. Only
the ``required`` ones make a process not ready; ``facts`` are told beside them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pydantic import BaseModel

from infra.web.operations import Answer, Call, Operation, Reply
from infra.web.problems import Problem

TIMEOUT_S = 2.0
FRESH_S = 0.5
"""How long a result serves those who ask at the same time: no door for a flood."""

Check = Callable[[Mapping[str, Any]], Awaitable[object]]
"""Gets the lifespan's state."""


class Finding(BaseModel):
    ok: bool
    required: bool
    found: object = None


class Health(BaseModel):
    status: str
    checks: dict[str, Finding]


class Readiness:
    """The checks of one process, asked together."""

    def __init__(
        self, required: Mapping[str, Check], facts: Mapping[str, Check]
    ) -> None:
        self._checks = [(name, check, True) for name, check in required.items()]
        self._checks += [(name, check, False) for name, check in facts.items()]
        self._last: tuple[float, Health] | None = None
        self._lock = asyncio.Lock()

    async def find(self, state: Mapping[str, Any]) -> Health:
        async with self._lock:
            if self._last is not None and time.monotonic() - self._last[0] < FRESH_S:
                return self._last[1]
            findings = await asyncio.gather(
                *(_run(check, state, required) for _, check, required in self._checks)
            )
            ready = all(one.ok for one in findings if one.required)
            health = Health(
                status="ready" if ready else "not ready",
                checks={
                    name: one
                    for (name, _, _), one in zip(self._checks, findings, strict=True)
                },
            )
            self._last = time.monotonic(), health
            return health


async def _run(check: Check, state: Mapping[str, Any], required: bool) -> Finding:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return Finding(ok=True, required=required, found=await check(state))
    except TimeoutError:
        return Finding(
            ok=False, required=required, found=f"no answer in {TIMEOUT_S:g} s"
        )
    except Exception as error:  # whatever it is, it is what was found
        text = str(error).strip() or type(error).__name__
        return Finding(ok=False, required=required, found=text.splitlines()[0])


def operations(
    required: Mapping[str, Check], facts: Mapping[str, Check] | None = None
) -> tuple[Operation, Operation]:
    """The two operations. Both are open: a balancer has no token."""
    readiness = Readiness(required, facts or {})

    async def live(call: Call) -> Reply:
        return Reply.json({"status": "alive"})

    async def ready(call: Call) -> Reply:
        health = await readiness.find(call.state)
        if health.status == "ready":
            return Reply.json(health)
        bad = ", ".join(
            name for name, one in health.checks.items() if one.required and not one.ok
        )
        raise Problem(
            "not-ready",
            f"Not working: {bad}. See checks for what was found.",
            headers={"Retry-After": "2"},
            members={"checks": health.model_dump()["checks"]},
        )

    return (
        Operation(
            "GET",
            "/health/live",
            live,
            "Is the process alive",
            action=None,
            tag="service",
            answers={200: Answer(description="It answers.")},
        ),
        Operation(
            "GET",
            "/health/ready",
            ready,
            "Can the process do its work",
            action=None,
            tag="service",
            answers={200: Answer(Health, "All that is required works.")},
            problems=("not-ready",),
        ),
    )
