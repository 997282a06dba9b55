"""Forms and inputs against their schemas, and schemas that are none."""

from __future__ import annotations

from typing import Any

import pytest

from domain import schemas
from domain.errors import FormInvalid, InputsInvalid, SchemaInvalid
from domain.run.commands import (
    Approve,
    CompleteStep,
    CreateRun,
    Reject,
    RequestApproval,
    StartStep,
)
from domain.run.events import (
    ApprovalDecided,
    RunCompleted,
    RunContinued,
    RunFailed,
    StepCompleted,
    StepRejected,
)
from domain.workflow.commands import RegisterWorkflow
from domain.workflow.decisions import register_workflow
from domain.workflow.policy import ApprovalPolicy
from tests.domain.workflows import CREATE, approval, task, workflow
from tests.support.decider import Story, given

FORM: dict[str, Any] = {
    "type": "object",
    "required": ["amount"],
    "properties": {
        "amount": {"type": "integer", "minimum": 1},
        "account": {"$ref": "#/$defs/account"},
        "lines": {"type": "array", "items": {"type": "object"}},
    },
    "additionalProperties": False,
    "$defs": {"account": {"type": "string", "pattern": "^[A-Z]{2}[0-9]+$"}},
}


@pytest.fixture
def asked() -> Story:
    gate = approval("review", "build", approval=ApprovalPolicy(form=FORM))
    built = (StartStep(step="build"), CompleteStep(step="build"))
    return given(workflow(task("build"), gate), CREATE, *built)


def test_a_form_that_fits_is_kept_with_the_decision(asked: Story) -> None:
    form = {"amount": 7, "account": "DE7"}
    story = asked.when(Approve(step="review", form=form))
    story.then(ApprovalDecided, StepCompleted, RunContinued, RunCompleted)
    (decision,) = story.run.steps["review"].approvals[-1].decisions
    assert decision.form == form


@pytest.mark.parametrize(
    ("form", "pointer", "detail"),
    [
        (None, "#/form", "null is not of type 'object'"),
        ({}, "#/form", "'amount' is a required property"),
        ({"amount": "7"}, "#/form/amount", "'7' is not of type 'integer'"),
        ({"amount": True}, "#/form/amount", "true is not of type 'integer'"),
        ({"amount": 0}, "#/form/amount", "0 is less than the minimum of 1"),
        ({"amount": 1, "account": "x"}, "#/form/account", "does not match"),
        ({"amount": 1, "lines": [{}, 1]}, "#/form/lines/1", "not of type 'object'"),
        ({"amount": 1, "a/b": 1}, "#/form", "'a/b' was unexpected"),
    ],
)
def test_a_form_that_does_not_fit_is_refused_and_the_place_named(
    asked: Story, form: Any, pointer: str, detail: str
) -> None:
    refusal = asked.when(Approve(step="review", form=form)).refusal
    assert isinstance(refusal, FormInvalid)
    errors = refusal.details["errors"]
    assert isinstance(errors, list)
    (error,) = errors
    assert error["pointer"] == pointer
    assert detail in error["detail"]
    assert f"{pointer}: " in refusal.message


def test_every_place_is_named(asked: Story) -> None:
    form = {"amount": 0, "account": "x", "more": 1}
    refusal = asked.when(Approve(step="review", form=form)).refusal
    assert refusal is not None
    errors = refusal.details["errors"]
    assert isinstance(errors, list)
    assert [one["pointer"] for one in errors] == [
        "#/form",
        "#/form/account",
        "#/form/amount",
    ]


def test_a_rejection_needs_no_form_but_one_that_comes_must_fit(asked: Story) -> None:
    asked.when(Reject(step="review")).then(ApprovalDecided, StepRejected, RunFailed)
    asked.when(Reject(step="review", form=7)).then_refused(FormInvalid, "not of type")


def test_where_no_form_is_asked_for_none_is_taken() -> None:
    built = (StartStep(step="build"), CompleteStep(step="build"))
    gate = approval("review", "build")
    story = given(workflow(task("build"), gate), CREATE, *built)
    story.when(Approve(step="review", form={})).then_refused(
        FormInvalid, "leave it out"
    )


def test_who_may_not_decide_is_not_told_about_the_form() -> None:
    policy = ApprovalPolicy(approvers=("bob",), form=FORM)
    story = given(workflow(approval("review", approval=policy)), CREATE)
    refusal = story.when(Approve(step="review"), by="mallory").refusal
    assert refusal is not None
    assert refusal.code == "not-an-approver"


def test_inputs_are_held_against_the_workflows_schema() -> None:
    day = {"type": "object", "properties": {"day": {"type": "string"}}}
    story = given(workflow(task("build"), input_schema=day))
    story.when(CreateRun(workflow="release", inputs={"day": 7})).then_refused(
        InputsInvalid, "#/inputs/day: 7 is not of type 'string'"
    )
    story.when(CreateRun(workflow="release")).then_refused(
        InputsInvalid, "null is not of type 'object'"
    )
    given(
        workflow(task("build"), input_schema=day),
        CreateRun(workflow="release", inputs={"day": "monday"}),
    )


NONE_AT_ALL: list[tuple[dict[str, Any], str]] = [
    ({"type": "objekt"}, "/type: 'objekt' is not valid"),
    ({"properties": {"a": {"minimum": "1"}}}, "/properties/a/minimum: '1' is not of"),
    ({"pattern": "("}, "/pattern: '\\(' is not a 'regex'"),
    ({"$ref": "#/$defs/x"}, "'#/\\$defs/x' leads to nothing within the schema"),
    ({"items": {"$ref": "https://example.org/a"}}, "nothing is fetched"),
    ({"$ref": "file:///etc/passwd"}, "nothing is fetched"),
    ({"$schema": "http://json-schema.org/draft-07/schema#"}, "Only the dialect"),
    ({"description": "x" * 40_000}, "larger than 32768 bytes"),
]


@pytest.mark.parametrize(("schema", "saying"), NONE_AT_ALL)
def test_a_workflow_with_a_schema_that_is_none_is_not_registered(
    schema: dict[str, Any], saying: str
) -> None:
    policy = ApprovalPolicy(form=schema)
    with pytest.raises(SchemaInvalid, match=f"#/steps/1/approval/form.*{saying}"):
        registered(
            workflow(task("build"), approval("review", "build", approval=policy))
        )
    with pytest.raises(SchemaInvalid, match=f"#/input_schema.*{saying}"):
        registered(workflow(task("build"), input_schema=schema))


def registered(definition: Any) -> None:
    register_workflow(None, RegisterWorkflow(definition=definition))


def test_sound_schemas_are_registered() -> None:
    sound = [FORM, {}, {"properties": {"$ref": {"type": "string"}}, "const": {}}]
    sound.append({"$defs": {"a": {"$anchor": "here"}}, "items": {"$ref": "#here"}})
    for schema in sound:
        registered(workflow(task("build"), input_schema=schema))


def test_a_policy_that_comes_with_the_question_is_held_to_the_same() -> None:
    policy = ApprovalPolicy(form={"type": "objekt"})
    story = given(workflow(task("build")), CREATE, StartStep(step="build"))
    story.when(RequestApproval(step="build", policy=policy)).then_refused(
        SchemaInvalid, "#/policy/form/type"
    )


def test_a_schema_that_refers_to_itself_without_end_is_no_crash() -> None:
    (found,) = schemas.misfits({"$ref": "#"}, 1, "#/form")
    assert found == ("#/form", "Its schema refers to itself without end")


def test_a_schema_may_refer_to_itself_with_an_end() -> None:
    tree: dict[str, Any] = {
        "properties": {"child": {"$ref": "#"}},
        "required": ["name"],
    }
    good: dict[str, Any] = {"name": "a", "child": {"name": "b"}}
    assert schemas.misfits(tree, good, "#") == []
    (found,) = schemas.misfits(tree, {"name": "a", "child": {}}, "#")
    assert found.pointer == "#/child"


def test_of_alternatives_the_nearest_is_told() -> None:
    schema: dict[str, Any] = {
        "anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]
    }
    (found,) = schemas.misfits(schema, "long", "#")
    assert found.detail == "'long' is too long"


def test_long_values_are_not_told_whole() -> None:
    (found,) = schemas.misfits({"type": "integer"}, "x" * 10_000, "#")
    assert len(found.detail) <= schemas.LONGEST
