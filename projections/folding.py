"""From a batch of events to the runs they changed. Folded runs are kept for the next.

A batch costs no read as long as its runs are here. What is not here is read from the
log: all missing runs of a batch in one query, all missing definitions in another.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from domain.ids import workflow_stream
from domain.run.events import RunCreated
from domain.run.evolution import fold
from domain.run.state import Run
from domain.workflow.events import WorkflowVersionRegistered
from infra.codec import Undecodable, UnknownTopic, decode
from infra.kafka import partition_of
from projections.batch import Batch, Counted, WorkflowChange
from projections.change import WORKFLOW_REGISTERED, Change
from projections.decoding import Failure, Stretch, all_of, decode_all, reason
from projections.folding_bulk import PREFIX, BulkFolding
from projections.marking import run_change

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from domain.events import By, Event
    from domain.workflow.definition import WorkflowDefinition
    from projections.log import Log

CACHE_BYTES = 256 * 1024 * 1024

MOST_DEFINITIONS = 2_000
"""Workflow versions that are kept: they never change, they are only many."""

Version = tuple["UUID", int]
"""Of a workflow: its stream, and the version that a run follows."""


class Folded(NamedTuple):
    batch: Batch
    failures: list[Failure]


@dataclass(slots=True)
class _Kept:
    run: Run
    bytes: int


class Folding:
    """What a projector has in memory. ``reset`` it when a transaction rolls back."""

    def __init__(self, log: Log, *, cache_bytes: int = CACHE_BYTES) -> None:
        self._log = log
        self.most_bytes = cache_bytes
        self._bytes = 0
        self._kept: OrderedDict[UUID, _Kept] = OrderedDict()
        self._definitions: dict[Version, WorkflowDefinition] = {}
        self._bulks = BulkFolding(log)

    def reset(self) -> None:
        """Forget the runs: the tables may not be where these are."""
        self._kept.clear()
        self._bytes = 0
        self._bulks.reset()

    def forget(self, run_id: UUID) -> None:
        self._bulks.forget(run_id)
        kept = self._kept.pop(run_id, None)
        if kept is not None:
            self._bytes -= kept.bytes

    def fold(self, changes: Iterable[Change]) -> Folded:
        """Apply events, each run's in their order.

        Raises:
            psycopg.Error: the log cannot be read. Nothing is kept of this batch
                that the next could not build on.
        """
        streams: dict[UUID, list[Change]] = {}
        for change in changes:
            found = streams.get(change.stream_id)
            if found is None:
                streams[change.stream_id] = [change]
            else:
                found.append(change)
        folded = Folded(Batch(), [])
        runs: dict[UUID, Stretch] = {}
        bulks: dict[UUID, list[Change]] = {}
        for stream_id, of_stream in streams.items():
            if of_stream[0].topic == WORKFLOW_REGISTERED:
                self._workflow(of_stream, folded)
            elif of_stream[0].topic.startswith(PREFIX):
                bulks[stream_id] = of_stream
            else:
                runs[stream_id] = decode_all(of_stream, folded.failures)
        bases, broken = self._bases(runs)
        for run_id, stretch in runs.items():
            if run_id in broken:
                folded.failures.extend(all_of(streams[run_id], broken[run_id]))
            elif stretch.events:
                base = bases[run_id]
                before = base.run if base.run.version else None
                self._advance(run_id, base, before, stretch, folded)
        if bulks:
            folded.batch.bulks += self._bulks.fold(bulks, folded.failures)
        self._shrink()
        return folded

    def replay(
        self, run_id: UUID, changes: Sequence[Change], before: Counted | None
    ) -> Folded:
        """The same for all events of one stream; ``before``: as the counts have it."""
        self.forget(run_id)
        folded = Folded(Batch(), [])
        if changes and changes[0].topic == WORKFLOW_REGISTERED:
            self._workflow(changes, folded)
            return folded
        if changes and changes[0].topic.startswith(PREFIX):
            folded.batch.bulks += self._bulks.fold({run_id: changes}, folded.failures)
            return folded
        stretch = decode_all(changes, folded.failures)
        bases, broken = self._bases({run_id: stretch})
        if run_id in broken:
            folded.failures[:] = all_of(changes, broken[run_id])
        elif stretch.events:
            self._advance(run_id, bases[run_id], before, stretch, folded)
        self.forget(run_id)
        return folded

    def _workflow(self, changes: Sequence[Change], folded: Folded) -> None:
        stretch = decode_all(changes, folded.failures)
        for change, event in stretch.events:
            if not isinstance(event, WorkflowVersionRegistered):
                folded.failures.append(Failure(change, "this is a workflow's stream"))
                continue
            self._definitions[change.stream_id, change.version] = event.definition
            folded.batch.workflows.append(
                WorkflowChange(
                    change.namespace,
                    partition_of(change.stream_id),
                    change.position,
                    event.version,
                    change.actor,
                    change.occurred_at,
                    event,
                    change,
                )
            )

    def _bases(
        self, runs: dict[UUID, Stretch]
    ) -> tuple[dict[UUID, _Kept], dict[UUID, str]]:
        """The runs as they were before their stretches, or why there is none."""
        bases: dict[UUID, _Kept] = {}
        opened: dict[UUID, Version] = {}
        missing: dict[UUID, int] = {}
        for run_id, stretch in runs.items():
            if not stretch.events:
                continue
            kept = self._kept.get(run_id)
            change, event = stretch.events[0]
            if kept is not None and kept.run.version == change.version - 1:
                self._kept.move_to_end(run_id)
                bases[run_id] = kept
            elif change.version == 1:
                opened[run_id] = _version_of(change, event)
            else:
                missing[run_id] = change.version
        earlier: dict[UUID, Stretch] = {}
        broken: dict[UUID, str] = {}
        if missing:
            for run_id, changes in self._log.before(missing).items():
                failures: list[Failure] = []
                earlier[run_id] = decode_all(changes, failures)
                if failures:
                    broken[run_id] = failures[0].error
                elif len(changes) != missing[run_id] - 1:
                    broken[run_id] = "earlier events of the run are not in the log"
                else:
                    opened[run_id] = _version_of(*earlier[run_id].events[0])
        definitions = self._find(set(opened.values()))
        for run_id, version in opened.items():
            definition = definitions.get(version)
            if definition is None:
                broken[run_id] = "the run's workflow version is not in the log"
                continue
            base = _Kept(Run(definition), 0)
            before = earlier.get(run_id)
            if before is not None:
                try:
                    base = _Kept(fold(base.run, before.pairs), before.bytes)
                except Exception as error:
                    broken[run_id] = reason(error)
                    continue
            bases[run_id] = base
        return bases, broken

    def _find(self, versions: set[Version]) -> dict[Version, WorkflowDefinition]:
        if len(self._definitions) > MOST_DEFINITIONS:
            self._definitions.clear()
        unknown = [each for each in versions if each not in self._definitions]
        if unknown:
            for version, (topic, state) in self._log.definitions(unknown).items():
                # One that cannot be read is missing for the runs that follow it.
                with suppress(UnknownTopic, Undecodable):
                    event = decode(topic, state)
                    if isinstance(event, WorkflowVersionRegistered):
                        self._definitions[version] = event.definition
        return self._definitions

    def _advance(
        self,
        run_id: UUID,
        base: _Kept,
        before: Counted | None,
        stretch: Stretch,
        folded: Folded,
    ) -> None:
        pairs, events = stretch.pairs, stretch.events
        first, last = events[0][0].version, events[-1][0].version
        if first != base.run.version + 1 or last - first != len(events) - 1:
            error = f"versions {first} to {last} do not follow {base.run.version}"
            _fail(folded, [change for change, _ in events], error)
            self.forget(run_id)
            return
        try:
            run = fold(base.run, pairs)
        except Exception as error:
            run, applied = _as_far_as_possible(base.run, pairs)
            _fail(folded, [change for change, _ in events[applied:]], reason(error))
            events = events[:applied]
            if not events:
                self.forget(run_id)
                return
        self._keep(run_id, run, base.bytes + stretch.bytes)
        folded.batch.runs.append(run_change(run_id, before, run, events))

    def _keep(self, run_id: UUID, run: Run, size: int) -> None:
        self.forget(run_id)
        # A finished run is heard of again only when it is retried.
        if not run.final:
            self._kept[run_id] = _Kept(run, size)
            self._bytes += size

    def _shrink(self) -> None:
        while self._bytes > self.most_bytes and self._kept:
            _, kept = self._kept.popitem(last=False)
            self._bytes -= kept.bytes


def _version_of(change: Change, event: Event) -> Version:
    if isinstance(event, RunCreated):
        stream = workflow_stream(change.namespace, event.workflow)
        return stream, event.workflow_version
    return change.stream_id, 0  # there is none: the run is broken


def _as_far_as_possible(run: Run, pairs: Sequence[tuple[Event, By]]) -> tuple[Run, int]:
    for applied, pair in enumerate(pairs):
        try:
            run = fold(run, (pair,))
        except Exception:
            return run, applied
    return run, len(pairs)


def _fail(folded: Folded, changes: Iterable[Change], error: str) -> None:
    folded.failures.extend(all_of(changes, error))
    # What could not be decoded comes after what could not be applied.
    folded.failures.sort(key=lambda failure: failure.change.position)
