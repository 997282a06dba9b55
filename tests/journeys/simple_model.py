"""The rules once more, deliberately simple: what random commands are checked against.

Nothing of the product is imported, nothing is clever: a run is a handful of plain
fields, and after each command all that follows is worked out from scratch. It covers
runs of ours whose rejections fail them; each method says whether the command is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

FINAL = ("completed", "failed", "canceled")
GOING_ON = ("queued", "running", "waiting_for_approval")

Taken = Literal["taken", "refused"]


@dataclass
class Try:
    number: int
    outcome: str = "running"


@dataclass(repr=False)
class Step:
    name: str
    needs: tuple[str, ...]
    kind: str
    queue: bool
    retried_when_lost: bool
    max_attempts: int
    max_losses: int
    required: int
    not_own: bool
    state: str = "not_started"
    iteration: int = 1
    tries: list[Try] = field(default_factory=list)
    failures: int = 0
    """Of this iteration, as the losses."""
    losses: int = 0
    agreed: set[str] = field(default_factory=set)
    disagreed: set[str] = field(default_factory=set)
    author: str = ""
    """Who brought about what people are asked about."""
    redone_by: str = ""

    def __repr__(self) -> str:
        return f"{self.name} ({self.state}, iteration {self.iteration})"

    @property
    def running(self) -> Try | None:
        last = self.tries[-1] if self.tries else None
        return last if last is not None and last.outcome == "running" else None

    def leave(self, outcome: str, state: str) -> None:
        """The running attempt ends."""
        assert self.running is not None
        self.running.outcome = outcome
        self.state = state

    def start_over(self) -> None:
        if self.running is not None:
            self.running.outcome = "reset"
        self.state = "not_started"
        self.iteration += 1
        self.failures = self.losses = 0
        self.agreed, self.disagreed = set(), set()


def steps_of(definition: dict[str, Any]) -> dict[str, Step]:
    """Fresh steps, from a definition as it is registered over HTTP."""
    return {
        each["name"]: Step(
            each["name"],
            tuple(each.get("needs", ())),
            each.get("kind", "task"),
            "queue" in each,
            each.get("effects", "idempotent") != "once",
            each.get("max_attempts", 1),
            each.get("max_losses", 5),
            each.get("approval", {}).get("required", 1),
            each.get("approval", {}).get("not_own", False),
        )
        for each in definition["steps"]
    }


@dataclass
class Run:
    definition: dict[str, Any]
    creator: str
    steps: dict[str, Step]
    drains: bool
    end: str = ""
    held: bool = False
    canceling: bool = False
    retried_by: Run | None = None

    @classmethod
    def created(cls, definition: dict[str, Any], creator: str) -> Run:
        drains = definition.get("on_failure", "drain") == "drain"
        run = cls(definition, creator, steps_of(definition), drains)
        run.follow()
        return run

    @property
    def state(self) -> str:
        if self.end:
            return self.end
        if self.held:
            return "paused"
        states = {step.state for step in self.steps.values()}
        started = any(step.tries for step in self.steps.values())
        if started and states & {"running", "queued"}:
            return "running"
        if "waiting_for_approval" in states:
            return "waiting_for_approval"
        return "running" if started else "queued"

    # What follows.

    def ending(self) -> bool:
        """Something has failed, and so nothing new is to begin."""
        ends = {"failed"} if self.held else {"failed", "rejected"}
        return self.drains and any(s.state in ends for s in self.steps.values())

    def follow(self) -> None:
        steps = self.steps.values()
        if self.canceling:
            if not any(step.state in GOING_ON for step in steps):
                self.end = "canceled"
            return
        if self.ending():
            for step in steps:
                if step.state in ("queued", "waiting_for_approval"):
                    step.state = "canceled"
        elif not self.held:
            for step in self.ready():
                queued = step.kind == "task"
                step.state = "queued" if queued else "waiting_for_approval"
        if any(step.state in GOING_ON for step in steps):
            return
        if not self.ending() and self.ready():
            return
        broken = any(step.state in ("failed", "rejected") for step in steps)
        self.end = "failed" if broken else "completed"

    def ready(self) -> list[Step]:
        return [
            step
            for step in self.steps.values()
            if step.state == "not_started"
            and all(self.steps[need].state == "completed" for need in step.needs)
        ]

    # What workers and services tell.

    def start(self, name: str) -> Taken:
        """A job is leased, or a service reports a start."""
        step = self.steps[name]
        if self.end or self.held or step.state != "queued":
            return "refused"
        step.state = "running"
        step.tries.append(Try(len(step.tries) + 1))
        return "taken"

    def complete(self, name: str) -> None:
        self.steps[name].leave("completed", "completed")
        self.follow()

    def ask(self, name: str, author: str) -> None:
        step = self.steps[name]
        step.leave("completed", "waiting_for_approval")
        step.author = author
        if self.canceling or self.ending():
            step.state = "canceled"
        self.follow()

    def fail(self, name: str, *, retryable: bool) -> None:
        step = self.steps[name]
        ending = self.ending()
        step.failures += 1
        step.leave("failed", "failed")
        if self.canceling:
            step.state = "canceled"
        elif retryable and step.failures < step.max_attempts and not ending:
            step.state = "queued"
        self.follow()

    def lose(self, name: str) -> None:
        step = self.steps[name]
        ending = self.ending()
        step.losses += 1
        step.leave("unknown", "failed")
        if self.canceling:
            step.state = "canceled"
        elif step.retried_when_lost and step.losses <= step.max_losses and not ending:
            step.state = "queued"
        self.follow()

    def release(self, name: str) -> None:
        step = self.steps[name]
        canceled = self.canceling or self.ending()
        step.leave("released", "canceled" if canceled else "queued")
        self.follow()

    def stopped(self, name: str) -> Taken:
        if not self.canceling:
            return "refused"
        self.steps[name].leave("canceled", "canceled")
        self.follow()
        return "taken"

    # What people decide.

    def _asked(self, name: str, person: str) -> Step | None:
        step = self.steps[name]
        if self.end or step.state != "waiting_for_approval" or person in step.agreed:
            return None
        own = person in (self.creator, step.author, step.redone_by)
        return None if step.not_own and own else step

    def approve(self, name: str, person: str) -> Taken:
        step = self._asked(name, person)
        if step is None:
            again = person in self.steps[name].agreed
            return "taken" if again else "refused"  # told again: nothing happens
        step.agreed.add(person)
        if len(step.agreed) >= step.required:
            step.state = "completed"
            if not self.held:
                self.follow()
        return "taken"

    def reject(self, name: str, person: str) -> Taken:
        step = self._asked(name, person)
        if step is None:
            again = person in self.steps[name].disagreed
            return "taken" if again else "refused"
        step.disagreed.add(person)
        step.state = "rejected"
        if not self.held:
            self.follow()
        return "taken"

    def redo(self, name: str, person: str) -> Taken:
        step = self.steps[name]
        over = self.end or self.canceling or self.ending()
        done = ("waiting_for_approval", "completed", "failed", "rejected")
        if over or step.state not in done:
            return "refused"
        while step.kind == "approval":
            if len(step.needs) != 1:
                return "refused"
            step = self.steps[step.needs[0]]
        step.start_over()
        step.redone_by = person
        for built in self.downstream(step.name):
            if built.state != "not_started":
                built.start_over()
        self.follow()
        return "taken"

    def downstream(self, name: str) -> list[Step]:
        found: list[Step] = []
        for step in self.steps.values():  # a definition names no step before its needs
            if set(step.needs) & {name, *(each.name for each in found)}:
                found.append(step)
        return found

    # What operators want.

    def pause(self) -> Taken:
        if self.end:
            return "refused"
        self.held = True
        return "taken"

    def continue_(self) -> Taken:
        if self.end:
            return "refused"
        if self.held:
            self.held = False
            self.follow()
        elif self.state == "waiting_for_approval":
            return "refused"
        return "taken"

    def cancel(self, *, force: bool) -> Taken:
        if self.end:
            return "taken" if self.end == "canceled" else "refused"
        self.canceling = True
        for step in self.steps.values():
            if step.running is not None:
                if force or not step.queue:
                    step.leave("unknown" if force else "canceled", "canceled")
            elif step.state in ("not_started", *GOING_ON):
                step.state = "canceled"
        self.follow()
        return "taken"

    def retry(self, person: str) -> Run | None:
        """The new run, with what is done carried over; None where it is refused."""
        going_on = self.retried_by is not None and not self.retried_by.end
        if self.end not in ("failed", "canceled") or going_on:
            return None
        new = Run(self.definition, person, steps_of(self.definition), self.drains)
        for step in new.steps.values():
            done = self.steps[step.name].state == "completed"
            carried = all(new.steps[need].state == "completed" for need in step.needs)
            if done and carried:
                step.state = "completed"
        if all(step.state == "completed" for step in new.steps.values()):
            return None
        new.follow()
        self.retried_by = new
        return new
