"""Workflows declared in Python and in YAML: what the service is told of them."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel
from runledger import NotConfigured
from runledger.worker import Backoff, Context, Policy, Worker, Workflow

from domain.workflow.definition import StepDefinition, WorkflowDefinition
from domain.workflow.policy import ApprovalPolicy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Order(BaseModel):
    pages: int


class Signed(BaseModel):
    """A form."""

    initials: str


def everything() -> Workflow:
    """A workflow that says all there is to say."""
    orders = Workflow(
        "orders",
        queue="office",
        inputs=Order,
        on_failure="continue",
        timeout_s=3600,
        description="What it is for",
        metadata={"team": "prints"},
    )

    @orders.step(effects="none")
    def fetch(context: Context) -> int:
        """Look for the pages.

        All of them.
        """
        return 1

    @orders.step(
        needs=[fetch],
        effects="once",
        queue="gpu",
        requires=["cuda"],
        timeout_s=60,
        max_attempts=3,
        backoff_s=Backoff(first_s=1, factor=3, most_s=10),
        max_losses=2,
        approval=Policy(
            approvers=["ada", "bob", "eve"],
            groups=["editors"],
            required=2,
            rejections=2,
            not_own=True,
            expires_s=60,
            on_expiry="approve",
            remind_s=30,
            form=Signed,
        ),
        on_reject="redo:fetch",
        description="Make it nice",
    )
    async def render(context: Context) -> int:
        return 2

    orders.approval("review", needs=[render], on_reject="cancel")
    orders.reported_step("post", needs=["review"])
    return orders


def said(model: BaseModel) -> set[str]:
    return set(model.model_dump(exclude_defaults=True))


def test_every_field_of_a_definition_can_be_declared() -> None:
    found = WorkflowDefinition.model_validate(everything().definition)
    assert said(found) == set(WorkflowDefinition.model_fields)
    steps = set[str]().union(*(said(step) for step in found.steps))
    assert steps == set(StepDefinition.model_fields)
    policy = found.by_name["render"].approval
    assert policy is not None
    assert said(policy) == set(ApprovalPolicy.model_fields)


def test_a_definition_says_what_was_declared() -> None:
    found = WorkflowDefinition.model_validate(everything().definition)
    fetch, render, review, post = found.steps
    assert found.input_schema == Order.model_json_schema()
    assert fetch.queue == "office"
    assert fetch.description == "Look for the pages."
    assert render.needs == ("fetch",)
    assert render.queue == "gpu"
    assert render.backoff.first_s == 1
    assert render.on_reject.step == "fetch"
    assert render.approval is not None
    assert render.approval.form == Signed.model_json_schema()
    assert review.kind == "approval"
    assert review.on_reject.action == "cancel"
    assert post.queue is None


def test_what_has_its_default_is_left_out() -> None:
    plain = Workflow("plain")

    @plain.step
    def only(context: Context) -> None: ...

    assert plain.definition == {
        "name": "plain",
        "steps": [{"name": "only", "queue": "default"}],
    }


def test_a_decorated_function_stays_what_it_was() -> None:
    plain = Workflow("plain")

    @plain.step(max_attempts=2)
    def only(context: Context) -> str:
        return "called"

    assert only(None) == "called"  # type: ignore[arg-type]  # it does not look
    assert plain.steps["only"].function is only


@pytest.mark.parametrize(
    ("declare", "says"),
    [
        (lambda w: w.step(name="a", needs="b"), r"needs=\['b'\]"),
        (lambda w: w.step(needs=[len]), "needs len, which is no step"),
        (lambda w: w.step(on_reject="repeat"), "say 'fail', 'cancel', 'redo'"),
        (lambda w: w.step(name="first"), "two steps named 'first'"),
    ],
)
def test_a_slip_is_told_where_it_is_made(declare: Any, says: str) -> None:
    workflow = Workflow("slips")

    @workflow.step
    def first(context: Context) -> None: ...

    def other(context: Context) -> None: ...

    with pytest.raises((TypeError, ValueError), match=says):
        declare(workflow)(other)


class Called:
    async def __call__(self, context: Context) -> None: ...


async def plainly(context: Context, extra: int = 0) -> None: ...


def test_async_functions_are_known_in_any_dress() -> None:
    workflow = Workflow("dresses")
    functions: dict[str, Callable[[Context], Any]] = {
        "plain": plainly,
        "partial": partial(plainly, extra=1),
        "object": Called(),
    }
    for name, function in functions.items():
        workflow.step(name=name)(function)
        assert workflow.steps[name].asynchronous, name


YAML = """
name: pages
queue: web
on_failure: continue
steps:
  - name: fetch
    effects: none
  - name: render-html
    needs: [fetch]
    backoff_s: 1
    max_attempts: 2
  - name: review
    kind: approval
    needs: [render-html]
    approval: {groups: [editors]}
    on_reject: redo
  - name: post
    needs: [review]
    queue: null
"""


def fetch(context: Context) -> None: ...


def render_html(context: Context) -> None: ...


FUNCTIONS = SimpleNamespace(fetch=fetch, render_html=render_html, __name__="pages")


@pytest.fixture
def yaml(tmp_path: Path) -> Path:
    file = tmp_path / "pages.yaml"
    file.write_text(YAML)
    return file


def test_yaml_finds_its_functions_by_name(yaml: Path) -> None:
    pages = Workflow.from_yaml(yaml, FUNCTIONS)
    found = WorkflowDefinition.model_validate(pages.definition)
    assert [step.queue for step in found.steps] == ["web", "web", None, None]
    assert found.on_failure == "continue"
    assert found.by_name["render-html"].backoff.first_s == 1
    assert found.by_name["review"].on_reject.action == "redo"
    assert pages.steps["render-html"].function is render_html
    assert pages.queue == "web"


def test_yaml_takes_a_mapping_of_functions_too(yaml: Path) -> None:
    pages = Workflow.from_yaml(yaml, {"fetch": fetch, "render-html": render_html})
    assert pages.steps["fetch"].function is fetch


def test_yaml_says_which_functions_are_missing(yaml: Path) -> None:
    with pytest.raises(NotConfigured, match=r"no def render_html\(context\) in the"):
        Workflow.from_yaml(yaml, {"fetch": fetch})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("steps: [", "is not YAML"),
        ("[1, 2]", "a mapping with a name and steps"),
        ("steps: []", "has no name"),
        ("name: x\nsteps: [5]", "each step is a mapping with a name"),
        ("name: x\nsteps: [{name: a, on_reject: never}]", "step 'a'"),
    ],
)
def test_yaml_that_is_no_workflow_is_refused(
    tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "w.yaml"
    file.write_text(text)
    with pytest.raises(NotConfigured, match=says):
        Workflow.from_yaml(file, {})


def worker(*workflows: Workflow, **given: Any) -> Worker:
    url = "http://127.0.0.1:1"
    return Worker(*workflows, query_url=url, command_url=url, **given)


def test_a_worker_serves_the_queue_of_its_workflows() -> None:
    assert worker(everything()).queue == "office"
    assert set(worker(everything(), queue="gpu").steps) == {("orders", "render")}


@pytest.mark.parametrize(
    ("workflows", "given", "says"),
    [
        ([], {}, "needs a workflow"),
        (["a", "a"], {}, "Two workflows are named 'a'"),
        (["a"], {"queue": "elsewhere"}, "no step in queue 'elsewhere'"),
        (["a"], {"slots": 0}, "at least one slot"),
    ],
)
def test_a_worker_that_could_not_work_is_refused(
    workflows: list[str], given: dict[str, Any], says: str
) -> None:
    made = [Workflow(name) for name in workflows]
    for workflow in made:
        workflow.step(fetch)
    with pytest.raises(NotConfigured, match=says):
        worker(*made, **given)


def test_workflows_of_two_queues_need_a_word() -> None:
    one, two = Workflow("one", queue="a"), Workflow("two", queue="b")
    for workflow in (one, two):
        workflow.step(fetch)
    with pytest.raises(NotConfigured, match="in several queues"):
        worker(one, two)
