"""Runs as items of a batch: the same file gives the same ids, keys and bytes."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runledger.importing.observed import ObservedRun

_RUNS = UUID("d7f4c8d2-5a8b-5d0e-8f55-3c1b7a1c9a62")

MAX_BYTES = 1_000_000
MAX_RUNS = 200


class Parcel(NamedTuple):
    """A run, and its item as JSON."""

    run: ObservedRun
    item: bytes


def run_id(namespace: str, source: str, external_id: str) -> UUID:
    """The id of an imported run: what its source calls it decides, nothing else."""
    return uuid5(_RUNS, json.dumps([namespace, source, external_id]))


def parcel(run: ObservedRun, namespace: str, workflow: str, version: int) -> Parcel:
    """The item of one run.

    Its key and ``source_digest`` are made of all that is imported but the workflow's
    version number: the same again is recognised, anything else is refused as another.
    """
    identity = run_id(namespace, run.source, run.external_id)
    opening: dict[str, Any] = {
        "type": "observe_run",
        "workflow": workflow,
        "source": run.source,
        "external_id": run.external_id,
    }
    if run.occurred_at is not None:
        opening["occurred_at"] = run.occurred_at
    if run.inputs is not None:
        opening["inputs"] = run.inputs
    reports = _json(run.commands)
    digest = hashlib.sha256(_json(opening) + reports).hexdigest()
    opening["version"] = version
    opening["source_digest"] = digest
    item = b'{"key":"import-%b","run_id":"%b","commands":[%b%b%b}' % (
        digest.encode(),
        str(identity).encode(),
        _json(opening),
        b"," if run.commands else b"",
        reports[1:],
    )
    return Parcel(run, item)


def batches(parcels: Iterable[Parcel]) -> Iterator[list[Parcel]]:
    """Parcels in batches that the service takes in one request."""
    batch: list[Parcel] = []
    size = 0
    for one in parcels:
        if batch and (size + len(one.item) > MAX_BYTES or len(batch) == MAX_RUNS):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += len(one.item)
    if batch:
        yield batch


def body(batch: list[Parcel]) -> bytes:
    return b'{"items":[%b]}' % b",".join(one.item for one in batch)


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
