"""What a test sees of a rehearsed run."""

from __future__ import annotations

from typing import Any, NamedTuple


class Error(NamedTuple):
    type: str
    message: str
    traceback: str = ""

    def __str__(self) -> str:
        return f"{self.type}: {self.message}" if self.message else self.type


class Attempt(NamedTuple):
    number: int
    iteration: int
    outcome: str
    error: Error | None


class Approval(NamedTuple):
    """An open question."""

    iteration: int
    subject: Any
    """What is to be approved."""
    subject_digest: str
    summary: str
    policy: dict[str, Any]


class Step(NamedTuple):
    name: str
    state: str
    iteration: int
    output: Any
    error: Error | None
    reason: str
    attempts: tuple[Attempt, ...]
    approval: Approval | None


class Line(NamedTuple):
    """Of an attempt's log."""

    step: str
    attempt: int
    level: str
    stream: str
    text: str


def step(name: str, found: dict[str, Any]) -> Step:
    approval = found["approval"]
    return Step(
        name,
        found["state"],
        found["iteration"],
        found["output"],
        error(found["error"]),
        found["reason"],
        tuple(
            Attempt(
                each["number"],
                each["iteration"],
                each["outcome"],
                error(each["error"]),
            )
            for each in found["attempts"]
        ),
        None if approval is None else Approval(**approval),
    )


def error(found: dict[str, Any] | None) -> Error | None:
    return None if found is None else Error(**found)


def story(found: dict[str, Any]) -> str:
    """What has happened to a run, a sentence a line, for whoever reads a failure."""
    lines = [f"  {each['at_s']:>9.3f} s  {each['said']}" for each in found["events"]]
    steps = [
        f"  {name}: {each['state'].replace('_', ' ')}"
        for name, each in found["steps"].items()
    ]
    state = found["state"].replace("_", " ")
    head = f"Run #{found['number']} is {state}. What has happened:"
    return "\n".join([head, *lines, "Its steps:", *steps])
