"""Runs as items of a batch."""

from __future__ import annotations

import json

from runledger.importing.parcels import MAX_BYTES, MAX_RUNS, batches, body, parcel

from command_api.batch import Batch
from tests.sdk.logs import entry, log, read, trace

LOG = log(trace(entry("ship", "start", 1), entry("ship", "complete", 2)))


def item(content: bytes = LOG, version: int = 1) -> dict[str, object]:
    (run,) = read(content)
    found = json.loads(parcel(run, "default", "orders", version).item)
    assert isinstance(found, dict)
    return found


def test_the_same_trace_gives_the_same_item() -> None:
    assert item() == item()


def test_other_content_has_the_same_run_and_another_key() -> None:
    other = item(LOG.replace(b'"start"', b'"schedule"'))
    assert other["run_id"] == item()["run_id"]
    assert other["key"] != item()["key"]


def test_the_workflows_version_is_no_part_of_what_is_imported() -> None:
    assert item(version=2)["key"] == item()["key"]


def test_another_source_is_another_run() -> None:
    other = item(LOG.replace(b'"orders"', b'"bills"'))
    assert other["run_id"] != item()["run_id"]


def test_batches_are_what_the_service_takes() -> None:
    runs = read(log(*[trace(entry(), name=str(n)) for n in range(450)]))
    parcels = [parcel(run, "default", "orders", 1) for run in runs]
    found = list(batches(parcels))
    assert [len(batch) for batch in found] == [MAX_RUNS, MAX_RUNS, 50]
    assert [one for batch in found for one in batch] == parcels
    for batch in found:
        assert len(Batch.model_validate_json(body(batch)).items) == len(batch)


def test_batches_are_bounded_in_bytes() -> None:
    long = [entry(f"step {n}", at=n % 60) for n in range(3_000)]
    runs = read(log(*[trace(*long, name=str(n)) for n in range(5)]))
    found = list(batches(parcel(run, "default", "orders", 1) for run in runs))
    assert len(found) > 1
    for batch in found:
        assert len(batch) == 1 or len(body(batch)) < MAX_BYTES * 1.01
