"""Import against real services."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from runledger import Client
from runledger.importing.importer import Choices, Importer

from tests.sdk.logs import entry, log, trace, write

if TYPE_CHECKING:
    from tests.sdk.conftest import Command
    from tests.support.service import Service

WFINSTANCES = Path(__file__).parents[3] / "shared/data/wfinstances"
MAPPING = """
[[outcomes]]
activity = "paid"
run = "completed"
[[outcomes]]
activity = "refused"
run = "failed"
step = "rejected"
reason = "not wanted"
"""


def orders(name: str, count: int = 3) -> bytes:
    """A log of so many cases: the first is paid, the second refused, others open."""
    last = ["paid", "refused"]
    return log(
        *(
            trace(
                entry("file", "start", 1, who="ada"),
                entry("file", "complete", 4, who="ada"),
                entry(last[case] if case < 2 else "wait", "complete", 9),
                name=f"case {case}",
            )
            for case in range(count)
        ),
        name=name,
    )


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "orders.toml"
    path.write_text(MAPPING)
    return path


def imported(runledger: Command, *arguments: object, code: int = 0) -> Any:
    found = json.loads(runledger("import", *arguments, "--json", code=code).out)
    assert isinstance(found, list)
    return found


def test_a_log_becomes_runs_with_their_steps_and_outcomes(
    runledger: Command, client: Client, tmp_path: Path, mapping: Path, workflow: str
) -> None:
    file = write(tmp_path / "orders.xes.gz", orders(workflow))
    said = runledger("import", file, "--mapping", mapping).out
    assert f"3 runs of {workflow}: 3 new" in said
    assert "9 recorded" in said
    client.wait()
    found = {
        run.external_id: run.run_id for run in client.runs(workflow=workflow).items
    }
    paid, refused, still_open = (client.run(found[f"case {n}"]) for n in range(3))
    assert (paid.state, refused.state) == ("completed", "failed")
    assert still_open.state not in ("completed", "failed", "canceled")
    assert paid.observed
    assert (paid.source, paid.external_id) == (workflow, "case 0")
    assert paid.duration_s == 8
    file_step, paid_step = paid.steps
    assert (file_step.duration_s, file_step.attempts[0].actor) == (3, "ada")
    assert paid_step.attempts[0].started_at is None
    assert refused.cause is not None
    assert (refused.cause.step, refused.cause.reason) == ("refused", "not wanted")
    assert refused.steps[1].state == "rejected"
    events = client.run_events(paid.run_id).items
    assert {event.recorded_by for event in events} == {"local"}
    assert events[-2].occurred_at.isoformat() == "2026-03-01T08:00:01+00:00"


def test_the_same_again_changes_nothing(
    runledger: Command, client: Client, tmp_path: Path, mapping: Path, workflow: str
) -> None:
    file = write(tmp_path / "orders.xes", orders(workflow))
    (first,) = imported(runledger, file, "--mapping", mapping)
    client.wait()
    position = client.events(limit=1).position
    packed = write(tmp_path / "copy.xes.gz", orders(workflow))
    (again,) = imported(runledger, packed, "--mapping", mapping)
    assert first["runs"] == {"new": 3, "known": 0, "refused": 0}
    assert again["runs"] == {"new": 0, "known": 3, "refused": 0}
    assert again["entries"] == first["entries"]
    assert client.events(limit=1).position == position


def test_an_interrupted_import_goes_on_where_it_was(
    client: Client, tmp_path: Path, workflow: str
) -> None:
    file = write(tmp_path / "orders.xes", orders(workflow, 900))

    def interrupt(_: int, runs: int) -> None:
        if runs == 700:
            raise KeyboardInterrupt

    choices = Choices(progress=interrupt)
    with pytest.raises(KeyboardInterrupt), Importer(client, choices) as importer:
        importer.file(file)
    client.wait()
    before = client.workflows(limit=500).items
    done = sum(w.runs["running"] for w in before if w.name == workflow)
    assert 0 < done < 900
    with Importer(client, Choices()) as importer:
        account = importer.file(file)
    assert (account.new, account.known) == (900 - done, done)
    client.wait()
    after = {w.name: w.runs for w in client.workflows(limit=500).items}
    assert after[workflow] == {"running": 900}


def test_a_service_that_dies_and_comes_back_does_not_end_an_import(
    service: Service, client: Client, tmp_path: Path, workflow: str
) -> None:
    file = write(tmp_path / "orders.xes", orders(workflow, 900))

    def kill(_: int, runs: int) -> None:
        if runs == 500:
            service.kill("command")
            service.start("command")

    with (
        Client(
            query_url=service.query_url,
            command_url=service.command_url,
            token=service.token,
            retry_for_s=60,
        ) as patient,
        Importer(patient, Choices(progress=kill)) as importer,
    ):
        account = importer.file(file)
    assert account.problems == []
    assert account.runs == 900
    client.wait()
    found = {w.name: w.runs for w in client.workflows(limit=500).items}
    assert found[workflow] == {"running": 900}


def test_other_content_of_a_run_on_record_is_refused_and_named(
    runledger: Command, tmp_path: Path, mapping: Path, workflow: str
) -> None:
    file = write(tmp_path / "orders.xes", orders(workflow))
    runledger("import", file)
    (again,) = imported(runledger, file, "--mapping", mapping, code=1)
    assert again["runs"] == {"new": 0, "known": 1, "refused": 2}
    assert again["entries"]["refused"] == 6
    assert "case 0" in again["problems"][0]
    assert "on record with other content" in again["problems"][0]


def test_a_bad_file_says_so_and_the_others_go_on(
    runledger: Command, tmp_path: Path, workflow: str
) -> None:
    whole = orders(workflow)
    good = write(tmp_path / "good.xes", orders(f"{workflow}-good"))
    cut = write(tmp_path / "cut.xes", whole[: whole.rindex(b"<trace>")])
    other = write(tmp_path / "notes.txt", b"hello\n")
    said = runledger("import", cut, other, tmp_path / "none.xes", good, code=1).out
    assert "cut.xes, line 3: the file ends in the middle of the log" in said
    assert f"2 runs of {workflow}: 2 new" in said
    assert "notes.txt: is neither an XES log nor a WfFormat instance" in said
    assert "none.xes: cannot be read (no such file or directory)" in said
    assert f"3 runs of {workflow}-good: 3 new" in said
    assert "4 files, 5 runs" in said


def test_one_run_that_does_not_fit_keeps_no_other(
    runledger: Command, client: Client, tmp_path: Path, workflow: str
) -> None:
    traces = [trace(entry(), name=f"case {n}") for n in range(9)]
    # A number that no JSON has: only the service can tell.
    traces[4] = trace(entry(more='<float key="x" value="1e999"/>'), name="odd")
    file = write(tmp_path / "orders.xes", log(*traces, name=workflow))
    (account,) = imported(runledger, file, code=1)
    assert account["runs"] == {"new": 8, "known": 0, "refused": 1}
    assert "trace 'odd'" in account["problems"][0]


def test_a_log_does_not_hide_the_graph_of_a_workflow(
    runledger: Command, client: Client, tmp_path: Path, workflow: str
) -> None:
    client.register_workflow({"name": workflow, "steps": [{"name": "build"}]})
    file = write(tmp_path / "orders.xes", orders(workflow))
    (account,) = imported(runledger, file, code=1)
    assert account["runs"]["refused"] == 3
    assert "--workflow" in account["problems"][0]
    (account,) = imported(runledger, file, "--workflow", f"{workflow}-log")
    assert account["runs"]["new"] == 3


@pytest.mark.skipif(not WFINSTANCES.is_dir(), reason="no shared data")
def test_five_real_instances_are_a_matrix_of_their_runtimes(
    runledger: Command, client: Client, workflow: str
) -> None:
    files = sorted(WFINSTANCES.glob("*.json"))
    # Theirs are ids that only one test may use, so this is that test.
    accounts = imported(runledger, *files, "--workflow", workflow)
    assert sum(account["runs"]["new"] for account in accounts) == 5
    client.wait()
    matrix = client.matrix(workflow)
    assert (len(matrix.runs), len(matrix.steps)) == (5, 43)
    assert client.workflow(workflow).newest_version == 1
    for file, run in zip(files, reversed(matrix.runs), strict=True):
        told = json.loads(file.read_text())["workflow"]["execution"]["tasks"]
        runtimes = {task["id"]: task["runtimeInSeconds"] for task in told}
        assert run.durations == [runtimes[step.name] for step in matrix.steps]
        assert set(run.cells) == {"c"}
