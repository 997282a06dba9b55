"""Real histories: imported, counted by an independent eye, rebuilt while in use."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from projections.catalogue import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Service

DATA = Path(__file__).parents[3] / "shared" / "data"
INSTANCES = sorted((DATA / "wfinstances").glob("*.json"))
LOG = DATA / "xes" / "bpic2012.xes.gz"

pytestmark = pytest.mark.skipif(
    not LOG.exists(), reason="the histories to import are not beside this checkout"
)


def test_workflow_instances_become_the_columns_of_a_matrix(
    service: Service, shell: Callable[..., str]
) -> None:
    shell("runledger", "import", *map(str, INSTANCES))
    shell("runledger", "import", *map(str, INSTANCES))  # again: nothing is doubled
    shell("runledger", "wait")
    matrix = json.loads(shell("runledger", "matrix", "makeflow-blast-small", "--json"))
    assert (len(matrix["runs"]), len(matrix["steps"])) == (5, 43)
    names = [step["name"] for step in matrix["steps"]]
    columns = [
        dict(zip(names, run["durations"], strict=True)) for run in matrix["runs"]
    ]
    for file in INSTANCES:
        tasks = json.loads(file.read_text())["workflow"]["execution"]["tasks"]
        told = {task["id"]: task["runtimeInSeconds"] for task in tasks}
        columns.remove(told)
    assert columns == []


@pytest.fixture(scope="module")
def imported(service: Service, shell: Callable[..., str]) -> None:
    """The loan applications are there, and the read models are level."""
    shell("runledger", "import", "--mapping", "bpic2012", str(LOG), seconds=900)
    service.wait_level(300)


def test_every_entry_of_the_loan_applications_is_on_record(
    service: Service, imported: None
) -> None:
    entries, outcomes = _count_the_file()
    assert sum(entries.values()) == 262_200
    assert outcomes == {
        "completed": 2_246,
        "failed": 7_635,
        "canceled": 2_807,
        "running": 399,
    }
    (workflow,) = [
        one
        for one in service.get("/v1/default/workflows")["items"]
        if one["name"] == "loan-application"
    ]
    assert workflow["runs"] == outcomes
    assert _recorded(service) == entries
    with psycopg.connect(service.url()) as connection:
        declined = connection.execute(
            "SELECT count(*) FROM read.steps WHERE workflow = 'loan-application'"
            " AND step = 'A_DECLINED' AND state = 'rejected'"
        ).fetchone()
    assert declined == (7_635,)


def test_a_rebuild_while_commands_go_on_changes_nothing(
    service: Service, imported: None
) -> None:
    workflow = {"name": "meanwhile", "steps": [{"name": "a"}]}
    assert service.post("/v1/default/workflows", workflow)[0] in {200, 201}
    stop = threading.Event()
    wrong: list[object] = []
    done = Counter[str]()

    def go_on() -> None:
        while not stop.is_set():
            status, answer = service.post("/v1/default/runs", {"workflow": "meanwhile"})
            if status != 201:
                wrong.append(answer)
            done["commands"] += 1
            runs = service.get("/v1/default/runs?workflow=loan-application&limit=5")
            if len(runs["items"]) != 5:
                wrong.append(runs)
            done["queries"] += 1

    before = _rows(service)
    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        said = service.run("rebuild", role="runledger_projector")
    finally:
        stop.set()
        thread.join(120)
    assert not wrong
    assert min(done.values()) > 10, "nothing went on meanwhile"
    assert "Done in" in said
    service.wait_level()
    assert _rows(service) == before
    runs = json.dumps(service.get("/v1/default/workflows"))
    assert f'"queued": {done["commands"]}' in runs


def _rows(service: Service) -> dict[str, tuple[int, str]]:
    """Count and content of every read table, of the workflows that are at rest."""
    found = {}
    with psycopg.connect(service.url()) as connection:
        for table in (table.name for table in TABLES):
            row = connection.execute(
                f"""
                SELECT count(*), md5(string_agg(line, '' ORDER BY line))
                  FROM (SELECT md5(t::text) AS line FROM read.{table} AS t
                         WHERE 'loan-application' IN (to_jsonb(t) ->> 'workflow',
                                                      to_jsonb(t) ->> 'name')
                           -- A state that no run is in any more may have a row.
                           AND to_jsonb(t) ->> 'runs' IS DISTINCT FROM '0') AS lines
                """.encode()
            ).fetchone()
            assert row is not None
            found[table] = row
    assert sum(count for count, _ in found.values()) > 13_087 * 3
    return found


def _recorded(service: Service) -> Counter[str]:
    """Entries by lifecycle transition, as the events in the log tell them."""
    with psycopg.connect(service.url()) as connection:
        rows = connection.execute(
            """
            SELECT topic, convert_from(state, 'UTF8')::jsonb ->> 'transition', count(*)
              FROM ledger.runledger_events
             WHERE originator_id IN (SELECT run_id FROM read.runs
                                      WHERE workflow = 'loan-application')
             GROUP BY 1, 2
            """
        ).fetchall()
    said = {
        "run.step.queued": "schedule",
        "run.step.started": "start",
        "run.step.completed": "complete",
        "run.step.rejected": "complete",
    }
    found: Counter[str] = Counter()
    for topic, transition, count in rows:
        if topic == "run.step.noted":
            found[{"queued": "schedule"}.get(transition, transition.lower())] += count
        elif topic in said:
            found[said[topic]] += count
    return found


def _count_the_file() -> tuple[Counter[str], dict[str, int]]:
    """Entries and outcomes, by looking for the words alone: no XML, no importer."""
    entries: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    with gzip.open(LOG, "rt", encoding="utf-8") as lines:
        text = lines.read()
    for trace in text.split("<trace>")[1:]:
        entries.update(
            word.lower()
            for word in re.findall(r'key="lifecycle:transition" value="(\w+)"', trace)
        )
        names = set(re.findall(r'key="concept:name" value="(A_\w+)"', trace))
        if "A_ACTIVATED" in names:
            outcomes["completed"] += 1
        elif "A_DECLINED" in names:
            outcomes["failed"] += 1
        elif "A_CANCELLED" in names:
            outcomes["canceled"] += 1
        else:
            outcomes["running"] += 1
    return entries, dict(outcomes)
