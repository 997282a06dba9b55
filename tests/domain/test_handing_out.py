"""What a worker is given with a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.run.commands import Approve, CompleteStep, CreateRun, RedoStep
from domain.run.handing_out import handed_out, needed_contents
from domain.run.own_commands import LeaseJob
from domain.workflow.definition import StepDefinition, WorkflowDefinition
from domain.workflow.policy import ApprovalPolicy
from tests.support.decider import RUN_ID, given

if TYPE_CHECKING:
    from domain.run.events import Content

PAGES = WorkflowDefinition(
    name="pages",
    steps=(
        StepDefinition(name="fetch", queue="q", effects="none"),
        StepDefinition(name="render", needs=("fetch",), queue="q", timeout_s=60),
        StepDefinition(
            name="review", kind="approval", needs=("render",), approval=ApprovalPolicy()
        ),
        StepDefinition(name="publish", needs=("render", "review"), queue="q"),
    ),
)
LEASES = [UUID(int=number) for number in range(1, 10)]
CREATED = CreateRun(workflow="pages", inputs={"title": "Notes"})


def lease(step: str, number: int, attempt: int = 1, iteration: int = 1) -> LeaseJob:
    return LeaseJob(
        step=step,
        iteration=iteration,
        attempt=attempt,
        lease=LEASES[number],
        worker="w",
        lease_s=30,
    )


def complete(step: str, number: int, output: object, attempt: int = 1) -> CompleteStep:
    return CompleteStep.model_validate(
        {"step": step, "attempt": attempt, "lease": LEASES[number], "output": output}
    )


FETCHED = (CREATED, lease("fetch", 0), complete("fetch", 0, ["a.md"]))
RENDERED = (*FETCHED, lease("render", 1), complete("render", 1, {"a.md": "<p>"}))


def handed(step: str, *commands: Any) -> dict[str, Any]:
    run = given(PAGES, *commands).run
    return handed_out(RUN_ID, run, step, _value)


def _value(found: Content | None) -> Any:
    return None if found is None else found.value


def test_a_job_brings_inputs_and_the_outputs_of_what_its_step_needs() -> None:
    found = handed("render", *FETCHED, lease("render", 1))
    assert found["inputs"] == {"title": "Notes"}
    assert found["outputs"] == {"fetch": ["a.md"]}
    assert (found["iteration"], found["attempt"]) == (1, 1)
    assert found["lease"] == str(LEASES[1])
    assert found["timeout_s"] == 60
    assert (found["feedback"], found["earlier"]) == (None, [])


def test_a_redo_brings_its_feedback_and_what_was_made_before() -> None:
    redo = RedoStep(step="render", feedback="larger letters", accept_unsafe=True)
    leased = lease("render", 2, attempt=2, iteration=2)
    found = handed("render", *RENDERED, redo, leased)
    assert found["feedback"] == "larger letters"
    assert found["earlier"] == [
        {"iteration": 1, "output": {"a.md": "<p>"}, "summary": "", "decisions": []}
    ]


def test_what_people_decided_is_told_to_the_steps_behind() -> None:
    approve = Approve(step="review", comment="fine")
    found = handed("publish", *RENDERED, approve, lease("publish", 2))
    assert found["outputs"] == {"render": {"a.md": "<p>"}, "review": None}
    (decision,) = found["approvals"]["review"]
    assert (decision["actor"], decision["comment"]) == ("ada", "fine")


def test_only_values_that_lie_apart_need_to_be_fetched() -> None:
    run = given(PAGES, *RENDERED).run
    assert list(needed_contents(run, "publish")) == []
