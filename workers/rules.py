"""``runledger-server rules``: the rules, for the test harness of the SDK.

A line of JSON in is a question, a line of JSON out its answer; it ends with its input.
Users' functions stay in the process of their tests, so that a package of theirs called
``domain`` does not meet ours.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click
from pydantic import TypeAdapter, ValidationError

from domain.errors import RunledgerError
from domain.run.commands import CreateRun, RunCommand
from domain.run.handing_out import handed_out
from domain.run.sentences import summary
from domain.workflow.definition import WorkflowDefinition
from workers.rehearsal import START, Rehearsal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.run.events import Content
    from domain.run.state import Approval, StepRun

Question = dict[str, Any]
COMMAND: TypeAdapter[Any] = TypeAdapter(RunCommand)


@click.command()
def command() -> None:
    """Answer questions about runs that are rehearsed, for runledger.testing."""
    answer_all(sys.stdin, lambda line: print(line, flush=True))


def answer_all(lines: Iterable[str], say: Any) -> None:
    """Answer each line, until there are no more."""
    rules = Rules()
    with asyncio.Runner() as runner:
        for line in lines:
            say(json.dumps(runner.run(rules.answer(json.loads(line)))))


class Rules:
    """All rehearsals of one process, by number."""

    def __init__(self) -> None:
        self._rehearsals: dict[int, Rehearsal] = {}
        self._made = 0

    async def answer(self, question: Question) -> dict[str, Any]:
        """``{"answer": ...}``, or ``{"problem": {"code", "detail"}}``."""
        try:
            return {"answer": await self._answer(question)}
        except RunledgerError as error:
            return {"problem": {"code": error.code, "detail": error.message}}
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            said = first["msg"].removeprefix("Value error, ")
            detail = f"{where}: {said}" if where else said
            return {"problem": {"code": "invalid", "detail": detail}}

    async def _answer(self, question: Question) -> Any:
        asked = question["ask"]
        if asked == "begin":
            made = Rehearsal()
            await made.register(
                WorkflowDefinition.model_validate(question["definition"])
            )
            self._made += 1
            self._rehearsals[self._made] = made
            return {"rehearsal": self._made}
        rehearsal = self._rehearsals[question["rehearsal"]]
        if asked == "end":
            del self._rehearsals[question["rehearsal"]]
            return {}
        if asked == "create":
            create = CreateRun.model_validate(question["command"])
            return seen(rehearsal, await rehearsal.do(None, create, question["actor"]))
        run_id = UUID(question["run"])
        given: dict[str, Any] = {}
        match asked:
            case "command":
                run_id = await rehearsal.do(
                    run_id,
                    COMMAND.validate_python(question["command"]),
                    question["actor"],
                    question.get("groups", ()),
                )
            case "lease":
                step = await rehearsal.lease(run_id, question.get("step"))
                run = rehearsal.runs[run_id]
                given["job"] = handed_out(run_id, run, step, rehearsal.value)
            case "lose":
                await rehearsal.lose(run_id, question["step"])
            case "pass":
                await rehearsal.pass_time(run_id, question["seconds"])
            case "see":
                pass
        return {**seen(rehearsal, run_id), **given}


def seen(rehearsal: Rehearsal, run_id: UUID) -> dict[str, Any]:
    """A run as the harness shows it, with what has happened in sentences."""
    run = rehearsal.runs[run_id]
    return {
        "run": str(run_id),
        "number": run.number,
        "state": run.state.value,
        "cause": None if run.cause is None else _cause(run.cause),
        "steps": {
            name: _step(step, rehearsal.value) for name, step in run.steps.items()
        },
        "jobs": rehearsal.jobs(run_id),
        "timer_s": rehearsal.next_timer_s(run_id),
        "now_s": (rehearsal.memory.now - START).total_seconds(),
        "events": [
            {
                "at_s": (each.occurred_at - START).total_seconds(),
                "topic": each.event.topic,
                "said": summary(each),
            }
            for each in rehearsal.memory.events
            if each.stream_id == run_id
        ],
    }


def _cause(cause: Any) -> dict[str, Any]:
    return {
        "step": cause.step,
        "reason": cause.reason,
        "error": None if cause.error is None else cause.error.model_dump(),
    }


def _step(step: StepRun, value: Any) -> dict[str, Any]:
    return {
        "state": step.state.value,
        "iteration": step.iteration,
        "output": value(step.output),
        "error": None if step.error is None else step.error.model_dump(),
        "reason": step.reason,
        "attempts": [
            {
                "number": attempt.number,
                "iteration": attempt.iteration,
                "outcome": attempt.outcome,
                "error": None if attempt.error is None else attempt.error.model_dump(),
            }
            for attempt in step.attempts
        ],
        "approval": _approval(step.open_approval, value),
    }


def _approval(approval: Approval | None, value: Any) -> dict[str, Any] | None:
    if approval is None:
        return None
    subject: Content | None = approval.subject
    return {
        "iteration": approval.iteration,
        "subject_digest": approval.subject_digest,
        "subject": value(subject),
        "summary": approval.summary,
        "policy": approval.policy.model_dump(mode="json", exclude_defaults=True),
    }
