"""What docs/approvals.md tells workflow authors is so."""

from __future__ import annotations

import re
from pathlib import Path

from domain.run.commands import CompleteStep, CreateRun, StartStep
from domain.workflow.definition import WorkflowDefinition
from domain.workflow.policy import ApprovalPolicy
from domain.workflow.soundness import require_sound_schemas
from tests.support.decider import given

PAGE = Path(__file__).parents[2].joinpath("docs", "approvals.md").read_text("utf-8")


def test_the_workflow_of_the_page_asks_as_it_says() -> None:
    (written, *_) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    definition = WorkflowDefinition.model_validate_json(written)
    require_sound_schemas(definition)
    story = given(
        definition,
        CreateRun(workflow="report", inputs={"month": 3}),
        StartStep(step="render"),
        CompleteStep(step="render", output=7),
    )
    assert story.run.steps["sign"].open_approval is not None


def test_every_member_of_a_policy_stands_on_the_page_with_its_default() -> None:
    (table,) = re.findall(r"\| member \|.*?\n\n", PAGE, re.DOTALL)
    rows = dict(re.findall(r"^\| (`[^|]*`) \| ([^|]*) \|", table, re.MULTILINE))
    told = {name for cell in rows for name in re.findall(r"`(\w+)`", cell)}
    assert told == set(ApprovalPolicy.model_fields)
    policy = ApprovalPolicy()
    assert rows["`required`"] == str(policy.required)
    assert rows["`rejections`"] == str(policy.rejections)
    assert rows["`not_own`"] == str(policy.not_own).lower()
    assert rows["`on_expiry`"] == f"`{policy.on_expiry}`"
