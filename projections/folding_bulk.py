"""From a batch of events to the bulk operations they changed."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from domain.bulk.evolution import evolve, fold
from domain.bulk.state import Bulk
from infra.kafka import partition_of
from projections.batch import BulkChange, Mark
from projections.decoding import all_of, decode_all, reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from domain.events import Event
    from projections.change import Change
    from projections.decoding import Failure, Stretch
    from projections.log import Log

PREFIX = "bulk."
"""All topics of a bulk operation's stream begin with it."""

MOST_KEPT = 20
"""Operations in memory, each with its list of up to 20,000 items."""


class BulkFolding:
    """The operations that a projector has in memory."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._kept: OrderedDict[UUID, Bulk] = OrderedDict()

    def reset(self) -> None:
        self._kept.clear()

    def forget(self, bulk_id: UUID) -> None:
        self._kept.pop(bulk_id, None)

    def fold(
        self, streams: Mapping[UUID, Sequence[Change]], failures: list[Failure]
    ) -> list[BulkChange]:
        """Apply events, each operation's in their order; what could not be applied
        goes to ``failures``."""
        stretches = {
            bulk_id: decode_all(changes, failures)
            for bulk_id, changes in streams.items()
        }
        bases = self._bases(stretches)
        found: list[BulkChange] = []
        for bulk_id, stretch in stretches.items():
            if not stretch.events:
                continue
            base = bases[bulk_id]
            if isinstance(base, str):
                # What could not be decoded is there already: it comes later.
                own = [change for change, _ in stretch.events]
                failures += all_of(own, base)
                self.forget(bulk_id)
                continue
            change = self._advance(bulk_id, base, stretch, failures)
            if change is not None:
                found.append(change)
        failures.sort(key=lambda failure: failure.change.position)
        return found

    def _bases(self, stretches: Mapping[UUID, Stretch]) -> dict[UUID, Bulk | str]:
        """Each operation as it was before its stretch, or why there is none."""
        bases: dict[UUID, Bulk | str] = {}
        missing: dict[UUID, int] = {}
        for bulk_id, stretch in stretches.items():
            if not stretch.events:
                continue
            version = stretch.events[0][0].version
            kept = self._kept.get(bulk_id)
            if version == 1:
                bases[bulk_id] = Bulk()
            elif kept is not None and kept.version == version - 1:
                bases[bulk_id] = kept
            else:
                missing[bulk_id] = version
        if missing:
            for bulk_id, changes in self._log.before(missing).items():
                bases[bulk_id] = _folded(changes, missing[bulk_id] - 1)
        return bases

    def _advance(
        self,
        bulk_id: UUID,
        bulk: Bulk,
        stretch: Stretch,
        failures: list[Failure],
    ) -> BulkChange | None:
        events = stretch.events
        applied: list[tuple[Change, Event]] = []
        for (change, event), (_, by) in zip(events, stretch.pairs, strict=True):
            try:
                if change.version != bulk.version + 1:
                    raise ValueError(f"{change.version} does not follow {bulk.version}")
                bulk = evolve(bulk, event, by)
            except Exception as error:
                left = [each for each, _ in events[len(applied) :]]
                failures += all_of(left, reason(error))
                break
            applied.append((change, event))
        self._keep(bulk_id, bulk)
        if not applied:
            return None
        last = applied[-1][0]
        return BulkChange(
            bulk_id,
            last.namespace,
            partition_of(bulk_id),
            bulk,
            Mark(last.version, last.position),
            applied,
        )

    def _keep(self, bulk_id: UUID, bulk: Bulk) -> None:
        self.forget(bulk_id)
        if not bulk.final:
            self._kept[bulk_id] = bulk
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)


def _folded(changes: Sequence[Change], version: int) -> Bulk | str:
    failures: list[Failure] = []
    stretch = decode_all(changes, failures)
    if failures:
        return failures[0].error
    if len(changes) != version:
        return "earlier events of the bulk operation are not in the log"
    try:
        return fold(Bulk(), stretch.pairs)
    except Exception as error:
        return reason(error)
