"""The command line, against real services: what people type and see."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from runledger.cli import SECTIONS, cli
from runledger.cli.text import RUN_LOOKS, STEP_LOOKS

if TYPE_CHECKING:
    from runledger import Client

    from tests.sdk.conftest import Command

DOCS = Path(__file__).parents[2] / "docs" / "command-line.md"


@pytest.fixture
def etl(runledger: Command, workflow: str, tmp_path: Path) -> str:
    """A registered workflow: extract, check (an approval), load."""
    file = tmp_path / "etl.toml"
    file.write_text(
        f'name = "{workflow}"\n'
        '[[steps]]\nname = "extract"\n'
        '[[steps]]\nname = "check"\nkind = "approval"\nneeds = ["extract"]\n'
        '[[steps]]\nname = "load"\nneeds = ["check"]\neffects = "once"\n'
    )
    assert "version 1" in runledger("register", file).out
    assert "nothing changed" in runledger("register", file).out
    return workflow


def test_a_run_is_steered_from_the_shell(runledger: Command, etl: str) -> None:
    assert "queued" in runledger("start", etl, "--inputs", '{"day": 1}').out
    run = f"{etl}#1"
    runledger("step", "start", run, "extract")
    done = runledger("step", "complete", run, "extract", "--output", '{"rows": 3}')
    assert "waiting for approval" in done.out
    assert "check" in runledger("approvals", "-w", etl).out
    shown = runledger("run", run)
    assert "approval of check" in shown.out
    assert '{"extract": {"rows": 3}}' in shown.out
    assert "approved check" in runledger("approve", run, "-m", "fine").out
    runledger("step", "start", run, "load")
    assert "paused" in runledger("pause", run, "-m", "wait").out
    assert "running" in runledger("continue", run).out
    failed = runledger("step", "fail", run, "load", "--error", "disk full")
    assert "failed" in failed.out
    assert "disk full" in runledger("runs", "-w", etl).out

    assert f"retry of {run}" in runledger("retry", run, "-m", "larger disk").out
    again = runledger("retry", run, code=1)
    assert again.err.startswith("Error: ")
    assert again.err.count("\n") == 1
    second = f"{etl}#2"
    runledger("step", "start", second, "load")
    assert "canceled" in runledger("cancel", second, "--force").out
    unsafe = runledger("retry", second, code=1)
    assert "load: unknown to run again" in unsafe.err
    assert "--yes" in unsafe.err
    assert f"retry of {second}" in runledger("retry", second, "--yes").out


def test_reject_and_redo(runledger: Command, etl: str) -> None:
    runledger("start", etl)
    run = f"{etl}#1"
    assert "asks nothing" in runledger("reject", run, code=1).err
    runledger("step", "start", run, "extract")
    runledger("step", "complete", run, "extract")
    redone = runledger("redo", run, "extract", "--feedback", "with headers")
    assert "redoes extract" in redone.out
    assert "with headers" in runledger("run", run).out
    runledger("step", "start", run, "extract")
    runledger("step", "request-approval", run, "extract", "-m", "Publish?")
    assert "rejected extract" in runledger("reject", run, "-m", "no").out
    assert "✗ failed" in runledger("run", run).out


def test_a_definition_may_come_from_standard_input(
    runledger: Command, workflow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"name": workflow})))
    assert f"{workflow}   version 1" in runledger("register", "-").out
    monkeypatch.setattr("sys.stdin", io.StringIO("{"))
    assert "Standard input is not JSON" in runledger("register", "-", code=1).err


def test_a_run_that_is_only_created_is_started_by_name(
    runledger: Command, etl: str
) -> None:
    made = runledger("start", etl, "--hold", "--json")
    run = json.loads(made.out)
    assert run["state"] == "created"
    assert "queued" in runledger("start", run["run_id"]).out


def test_a_key_makes_a_command_once(runledger: Command, etl: str) -> None:
    first = runledger("start", etl, "--key", f"nightly-{etl}", "--json")
    again = runledger("start", etl, "--key", f"nightly-{etl}", "--json")
    assert json.loads(again.out)["run_id"] == json.loads(first.out)["run_id"]
    assert json.loads(again.out)["repeated"]


def test_runs_are_named_by_number_id_and_unique_beginning(
    runledger: Command, client: Client, etl: str
) -> None:
    client.observe_run(etl, source="a", external_id="1", run_id="abcd0001" + "0" * 24)
    client.observe_run(etl, source="a", external_id="2", run_id="abcd0002" + "0" * 24)
    client.wait()
    for name in (f"{etl}#2", "abcd0002", "ABCD0002", "abcd0002" + "0" * 24):
        assert json.loads(runledger("run", name, "--json").out)["number"] == 2
    assert "begins several ids" in runledger("run", "abcd000", code=2).err
    assert "names no run" in runledger("run", "abc", code=2).err
    assert "write workflow#number" in runledger("run", "abcd0009", code=1).err
    missing = runledger("run", f"{etl}#99", "--json", code=1)
    assert json.loads(missing.err)["error"]["status"] == 404


def test_lists_for_machines_are_whole(runledger: Command, etl: str) -> None:
    for _ in range(3):
        runledger("start", etl)
    runledger("cancel", f"{etl}#1")
    runledger("wait")
    found = json.loads(runledger("--json", "workflows", "--all").out)
    (mine,) = (one for one in found["items"] if one["name"] == etl)
    assert mine["runs"] == {"canceled": 1, "queued": 2}
    runs = json.loads(runledger("runs", "-w", etl, "--json").out)["items"]
    assert [run["number"] for run in runs] == [3, 2, 1]
    queued = runledger("runs", "-w", etl, "-s", "queued", "--limit", "1", "--json")
    assert len(json.loads(queued.out)["items"]) == 1
    assert json.loads(runledger("runs", "--since", "0s", "--json").out)["items"] == []


def test_the_matrix_shows_every_run(
    runledger: Command, etl: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    runledger("start", etl)
    runledger("start", etl)
    runledger("step", "start", f"{etl}#1", "extract")
    runledger("step", "fail", f"{etl}#1", "extract")
    runledger("wait")
    lines = runledger("matrix", etl).out.splitlines()
    assert lines[0] == f"{etl}   2 runs, 3 steps"
    assert [line.split() for line in lines[1:6]] == [
        ["#1", "#2"],
        ["run", "✗", "○"],
        ["extract", "✗", "○"],
        ["check", "·", "·"],
        ["load", "·", "·"],
    ]
    found = json.loads(runledger("matrix", etl, "--json").out)
    assert [run["number"] for run in found["runs"]] == [2, 1]
    monkeypatch.setenv("COLUMNS", "30")
    narrow = runledger("matrix", etl, "--durations").out.splitlines()
    assert max(map(len, narrow[1:])) <= 30


def test_a_run_as_it_was(runledger: Command, etl: str) -> None:
    runledger("start", etl, "--hold")
    runledger("start", f"{etl}#1")
    then = runledger("run", f"{etl}#1", "--at-version", "1")
    assert "created" in then.out
    assert "(an earlier state)" in then.out
    assert "no such run yet" in runledger("run", f"{etl}#1", "--at", "1h", code=1).err


def test_events_are_sentences_or_lines_of_json(runledger: Command, etl: str) -> None:
    runledger("start", etl)
    said = runledger("events", "-w", etl).out
    assert f"{etl}#1" in said
    lines = runledger("events", "-w", etl, "--json").out.splitlines()
    events = [json.loads(line) for line in lines]
    assert [e["position"] for e in events] == sorted(e["position"] for e in events)
    assert events[0]["topic"] == "workflow.version.registered"
    after = runledger("events", "-w", etl, "--after", events[0]["position"], "-n", 1)
    assert len(after.out.splitlines()) == 1


def test_wait_names_the_position(runledger: Command, etl: str) -> None:
    made = json.loads(runledger("start", etl, "--json").out)
    waited = json.loads(runledger("wait", made["position"], "--json").out)
    assert waited["position"] == made["position"]
    behind = runledger("wait", 10**9, "--timeout", "0.1", code=1)
    assert "have not come to position" in behind.err


def test_exit_codes_tell_errors_apart(
    runledger: Command, etl: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "is not JSON" in runledger("start", etl, "-i", "{", code=2).err
    runledger("runs", "--state", "lost", code=2)
    assert "no time" in runledger("runs", "--since", "soon", code=2).err
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    assert "bad.json is not JSON" in runledger("register", bad, code=1).err
    assert runledger("register", tmp_path / "none.json", code=2)
    monkeypatch.setenv("RUNLEDGER_QUERY_URL", "http://127.0.0.1:9")
    unreachable = runledger("workflows", "--json", code=3)
    assert json.loads(unreachable.err)["error"]["code"] == "unreachable"


def test_each_command_is_documented_and_none_that_is_not_there() -> None:
    text = DOCS.read_text()
    table = text[: text.index("## For machines")]
    for commands in SECTIONS.values():
        for command in commands:
            assert f"`{command.name}" in table or f"`{command.name} " in table, (
                command.name
            )
    for state in STEP_LOOKS.values():
        assert f"| `{state.glyph}` | `{state.plain}` | {state.word} |" in text


def test_every_command_helps_itself(capsys: pytest.CaptureFixture[str]) -> None:
    def walk(command: click.Command, *path: str) -> None:
        with click.Context(command, info_name=" ".join(path)) as context:
            said = command.get_help(context)
        assert "Usage: " in said
        found: Any = getattr(command, "commands", {})
        for name, inner in found.items():
            walk(inner, *path, name)

    walk(cli, "runledger")


def test_every_state_has_a_look() -> None:
    from domain.run.state import RunState, StepState

    assert set(RUN_LOOKS) == set(RunState)
    assert set(STEP_LOOKS) == set(StepState)
