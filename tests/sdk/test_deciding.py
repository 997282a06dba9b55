"""People decide at a terminal, each with a token of their own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from runledger import Client, errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sdk.conftest import Command
    from tests.support.service import Service

FORM = {"type": "object", "required": ["amount"]}


@pytest.fixture
def paper(client: Client, workflow: str) -> str:
    """A run of a workflow whose draft two of three must sign, none of them its author:
    bob, and the group desk. The run's name."""
    policy = {"approvers": ["bob"], "groups": ["desk"], "required": 2, "form": FORM}
    client.register_workflow(
        {
            "name": workflow,
            "steps": [
                {
                    "name": "draft",
                    "description": "The text",
                    "approval": {**policy, "not_own": True, "expires_s": 3_600},
                }
            ],
        }
    )
    run = client.create_run(workflow, inputs={"title": "On rules"}).run_id
    client.start_step(run, "draft")
    client.request_approval(run, "draft", output="first", summary="Please read")
    return f"{workflow}#1"


@pytest.fixture
def as_person(
    client: Client, runledger: Command, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Command]:
    """The command line of another person."""

    def become(name: str, *groups: str) -> Command:
        made = client.create_token(name, roles=["approver"], groups=groups)
        monkeypatch.setenv("RUNLEDGER_TOKEN", made.token)
        return runledger

    return become


def test_from_the_inbox_to_the_decision(
    as_person: Callable[..., Command], paper: str, tmp_path: Path
) -> None:
    workflow = paper.partition("#")[0]
    runledger = as_person("eve", "desk")
    waiting = runledger("inbox", "-w", workflow).out
    assert "Please read" in waiting
    assert "0 of 2" in waiting
    shown = runledger("review", paper).out
    for said in ("The text", "Please read", '"first"', "On rules", '"required": ['):
        assert said in shown
    assert "bob, group desk" in shown
    assert "local, who created the run and reported the output" in shown
    (told,) = [line for line in shown.splitlines() if "runledger approve" in line]
    digest = told.split("--digest ")[1].split()[0]

    lacking = runledger("approve", paper, "--digest", digest, code=1)
    assert "null is not of type 'object'" in lacking.err
    form = tmp_path / "form.json"
    form.write_text('{"amount": 7}')
    done = runledger("approve", paper, "--digest", digest, "--form", f"@{form}")
    assert "approved draft" in done.out
    assert "Nothing waits" in runledger("inbox", "-w", workflow).err
    withheld = runledger("inbox", "-w", workflow, "--withheld").out
    assert "eve approved it at" in withheld

    runledger = as_person("bob")
    assert "fay decides about draft" in runledger("delegate", paper, "--to", "fay").out
    refused = runledger("approve", paper, "--form", '{"amount": 7}', code=1)
    assert "fay may hand it back" in refused.err
    runledger = as_person("fay")
    assert "in the place of bob" in runledger("inbox", "-w", workflow).out
    assert "may decide, in the place of bob" in runledger("review", paper).out
    done = runledger("approve", paper, "--form", '{"amount": 8}')
    assert "completed" in done.out
    reviewed = runledger("review", paper, "draft").out
    assert "approved by fay in the place of bob" in reviewed
    assert "bob has fay decide in their place" in reviewed


def test_what_has_changed_since_it_was_shown_is_not_decided(
    as_person: Callable[..., Command], client: Client, paper: str
) -> None:
    workflow = paper.partition("#")[0]
    runledger = as_person("bob")
    before = json.loads(runledger("review", paper, "--json").out)
    run = before["run_id"]
    client.redo_step(run, "draft", feedback="in blue")
    client.start_step(run, "draft")
    client.request_approval(run, "draft", output="second", summary="Blue now")
    digest = before["subject_digest"][:12]
    for verb in ("approve", "reject"):
        stale = runledger(verb, paper, "--digest", digest, code=1)
        assert "is not what you were shown any more" in stale.err
    again = runledger("review", paper).out
    assert "iteration 2" in again
    assert "draft sent back by local: in blue" in again
    assert "iteration 1" in again
    assert "again" in runledger("inbox", "-w", workflow).out
    first = runledger("review", paper, "draft", "--iteration", "1").out
    assert '"first"' in first
    assert "runledger approve" not in first
    done = runledger("reject", paper, "-m", "still too short")
    assert "failed" in done.out


def test_lists_tell_whom_a_policy_names(runledger: Command, paper: str) -> None:
    workflow = paper.partition("#")[0]
    assert "bob, group desk" in runledger("approvals", "-w", workflow).out
    assert "bob, group desk" in runledger("run", paper).out
    found = runledger("approvals", "-w", workflow, "--for", "bob", "--json")
    assert len(json.loads(found.out)["items"]) == 1
    found = runledger("approvals", "-w", workflow, "--for", "mallory", "--json")
    assert json.loads(found.out)["items"] == []
    assert "draft" in runledger("inbox", "--group", "desk", "--for", "bob").out
    assert "Nothing waits" in runledger("inbox", "--group", "chess").err


def test_a_form_that_does_not_fit_names_the_place(
    service: Service, client: Client, paper: str
) -> None:
    made = client.create_token("bob", roles=["approver"])
    with Client(
        query_url=service.query_url, command_url=service.command_url, token=made.token
    ) as bob:
        (asked,) = bob.approvals(mine=True, workflow=paper.partition("#")[0]).items
        assert asked.asks_form
        assert bob.review(asked.run_id, "draft").form == FORM
        with pytest.raises(errors.Invalid) as refused:
            bob.approve(asked.run_id, "draft", form={})
        assert refused.value.code == "form-invalid"
        assert refused.value.members["errors"] == [
            {"pointer": "#/form", "detail": "'amount' is a required property"}
        ]
        bob.delegate_approval(asked.run_id, "draft", to="fay", iteration=1)
        with pytest.raises(errors.Refused, match="fay may hand it back"):
            bob.approve(asked.run_id, "draft", form={"amount": 1})
