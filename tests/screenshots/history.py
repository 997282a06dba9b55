"""Some weeks of runs that ran elsewhere: the past of a namespace, always the same.

Observed runs of a workflow whose graph is known, with times of their source, so that a
matrix has failures, retries and durations of every length to show.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from tests.support.world import World

Step = dict[str, Any]
Item = dict[str, Any]

ERRORS = (
    ("TimeoutError", "No answer from the archive within 30 s"),
    ("ConnectionError", "The mail server closed the connection"),
    ("ValueError", "Row 1,204: the amount is missing"),
    ("HTTPError", "502 from the ledger's gateway"),
)


class Past:
    """Observed runs of one workflow, the oldest first."""

    def __init__(self, workflow: str, version: int, steps: Sequence[Step]) -> None:
        self.workflow = workflow
        self.version = version
        self.steps = steps

    def run(self, chance: random.Random, number: int, at: datetime) -> Item:
        """An item of a batch: one run, from its creation to its end."""
        told: list[dict[str, Any]] = []
        busy = {step["name"]: at for step in self.steps}
        bad = chance.random()
        failing = chance.choice(self.steps)["name"] if bad < 0.18 else None
        flaky = chance.choice(self.steps)["name"] if bad > 0.7 else None
        ended = at
        for step in self.steps:
            name = step["name"]
            begin = max((busy[need] for need in step["needs"]), default=at)
            begin += timedelta(seconds=chance.uniform(0.2, 4))
            end = begin + timedelta(seconds=self._length(chance, step))
            told.append(_said("start_step", name, begin))
            if name == flaky:
                told.append(_failed(chance, name, end))
                begin, end = end + timedelta(seconds=10), end + timedelta(seconds=45)
                told.append(_said("start_step", name, begin))
            if name == failing:
                told.append(_failed(chance, name, end))
                ended = end
                break
            told.append(_said("complete_step", name, end, output={"rows": number * 7}))
            busy[name] = end
            ended = max(ended, end)
        outcome = "failed" if failing else "completed"
        last = {"step": failing} if failing else {}
        told.append({"type": "end_run", "outcome": outcome, **_when(ended), **last})
        opening = {
            "type": "observe_run",
            "workflow": self.workflow,
            "version": self.version,
            "source": "scheduler",
            "external_id": f"{self.workflow}-{at:%Y-%m-%dT%H}-{number}",
            "actor": "scheduler",
            "inputs": {"day": f"{at:%Y-%m-%d}"},
            **_when(at),
        }
        ordered = sorted(told[:-1], key=lambda one: one["occurred_at"])
        return {"commands": [opening, *ordered, told[-1]]}

    def _length(self, chance: random.Random, step: Step) -> float:
        usual = 4 + 37 * (sum(map(ord, step["name"])) % 11)
        slow = 6 if chance.random() < 0.04 else 1
        return usual * slow * chance.lognormvariate(0, 0.25)


def put(world: World, items: Sequence[Item]) -> None:
    """On record, by batches."""
    for chunk in _chunks(items, 100):
        answer = world.post("/batch", {"items": chunk})
        for item in answer["items"]:
            assert item["status"] in (200, 201), item


def _chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for place in range(0, len(items), size):
        yield items[place : place + size]


def _said(kind: str, step: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {"type": kind, "step": step, **_when(at), **more}


def _failed(chance: random.Random, step: str, at: datetime) -> dict[str, Any]:
    kind, message = chance.choice(ERRORS)
    return _said("fail_step", step, at, error={"type": kind, "message": message})


def _when(at: datetime) -> dict[str, str]:
    return {"occurred_at": at.isoformat()}
