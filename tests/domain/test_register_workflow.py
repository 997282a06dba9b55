from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.workflow.commands import RegisterWorkflow
from domain.workflow.decisions import register_workflow
from domain.workflow.definition import OnReject
from domain.workflow.events import WorkflowVersionRegistered
from tests.domain.workflows import CHAIN, ONE, approval, task, workflow

FIRST = WorkflowVersionRegistered(
    name="release", version=1, definition=CHAIN, digest=CHAIN.digest
)


def test_the_first_definition_is_version_one() -> None:
    assert register_workflow(None, RegisterWorkflow(definition=CHAIN)) == [FIRST]


def test_the_same_definition_again_records_nothing() -> None:
    assert register_workflow(FIRST, RegisterWorkflow(definition=CHAIN)) == []


def test_another_definition_is_the_next_version() -> None:
    (event,) = register_workflow(FIRST, RegisterWorkflow(definition=ONE))
    assert isinstance(event, WorkflowVersionRegistered)
    assert (event.version, event.digest) == (2, ONE.digest)


def test_a_rejection_redoes_only_what_it_is_built_on() -> None:
    sideways = OnReject(action="redo", step="scan")
    with pytest.raises(ValidationError, match="which it is not built on"):
        workflow(
            task("build"), task("scan"), approval("ok", "build", on_reject=sideways)
        )
    to_gate = OnReject(action="redo", step="gate")
    with pytest.raises(ValidationError, match="which is an approval"):
        workflow(approval("gate"), approval("ok", "gate", on_reject=to_gate))
    with pytest.raises(ValidationError, match="name the step to redo"):
        workflow(
            task("a"),
            task("b"),
            approval("ok", "a", "b", on_reject=OnReject(action="redo")),
        )
