"""The lifecycle of XES as commands: total, one command for each entry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from runledger.importing.lifecycle import TRANSITIONS, Steps

from domain.run.commands import RunCommand

COMMANDS: TypeAdapter[RunCommand] = TypeAdapter(RunCommand)


def told(*transitions: str, rejecting: frozenset[str] = frozenset()) -> list[str]:
    """The commands for what is told of one step."""
    steps = Steps(rejecting)
    return [steps.command("ship", transition)["type"] for transition in transitions]


@pytest.mark.parametrize(
    ("transition", "command"),
    [
        ("schedule", "queue_step"),
        ("assign", "note_step"),
        ("reassign", "note_step"),
        ("start", "start_step"),
        ("suspend", "note_step"),
        ("resume", "note_step"),
        ("complete", "complete_step"),
        ("autoskip", "cancel_step"),
        ("manualskip", "cancel_step"),
        ("withdraw", "cancel_step"),
        ("ate_abort", "fail_step"),
        ("pi_abort", "cancel_step"),
    ],
)
def test_each_transition_of_the_standard_has_its_command(
    transition: str, command: str
) -> None:
    assert told(transition) == [command]
    assert told(transition.upper()) == [command]


def test_the_table_above_is_the_whole_standard() -> None:
    assert len(TRANSITIONS) == len(set(TRANSITIONS)) == 12
    assert all(told(transition) for transition in TRANSITIONS)


def test_a_transition_of_nobodys_is_noted_as_it_was_told() -> None:
    command = Steps().command("ship", "Teleported")
    assert command["type"] == "note_step"
    assert command["transition"] == "Teleported"


def test_a_further_start_after_a_completion_is_a_further_attempt() -> None:
    assert told("start", "complete", "start", "complete") == [
        "start_step",
        "complete_step",
        "start_step",
        "complete_step",
    ]


def test_a_start_while_it_runs_is_noted() -> None:
    assert told("start", "start") == ["start_step", "note_step"]


def test_scheduling_what_runs_is_noted() -> None:
    assert told("start", "schedule", "complete", "schedule") == [
        "start_step",
        "note_step",
        "complete_step",
        "queue_step",
    ]


def test_a_rejecting_activity_is_rejected_when_it_completes() -> None:
    ship = frozenset({"ship"})
    assert told("start", "complete", rejecting=ship) == ["start_step", "reject"]
    assert told("start", "complete", rejecting=frozenset({"pay"}))[-1] == (
        "complete_step"
    )


def test_an_aborted_process_instance_is_remembered() -> None:
    steps = Steps()
    steps.command("ship", "ate_abort")
    assert not steps.aborted
    steps.command("ship", "PI_ABORT")
    assert steps.aborted


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]),
            st.one_of(st.sampled_from(TRANSITIONS), st.text(max_size=20)),
        ),
        max_size=12,
    )
)
def test_whatever_is_told_each_entry_is_one_command_that_the_service_takes(
    entries: list[tuple[str, str]],
) -> None:
    steps = Steps(frozenset({"b"}))
    for step, transition in entries:
        command = steps.command(step, transition)
        assert command["step"] == step
        COMMANDS.validate_python(command)
