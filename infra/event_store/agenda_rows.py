"""The jobs and timers that an append puts and ends, as rows of bytes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from infra.event_store import wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.ports import RunAgenda


class AgendaRows(NamedTuple):
    """Of one append, or of all appends of a batch."""

    jobs: list[bytes]
    leases: list[bytes]
    timers: list[bytes]
    ended_jobs: list[bytes]
    ended_timers: list[bytes]

    @property
    def size(self) -> int:
        return sum(len(row) for rows in self for row in rows)

    def add(self, other: AgendaRows) -> None:
        for mine, further in zip(self, other, strict=True):
            mine += further

    def parameters(self, arrays: wire.Arrays) -> tuple[bytes, ...]:
        """As ledger.append takes them."""
        return tuple(
            arrays.of(kind, rows) for kind, rows in zip(_KINDS, self, strict=True)
        )


_KINDS: tuple[type[wire.Ready], ...] = (
    wire.Jobs,
    wire.Leases,
    wire.Timers,
    wire.EndedJobs,
    wire.EndedTimers,
)


# Names of steps, workflows, queues and workers come again and again.
_text = lru_cache(8_192)(wire.text)
_int8 = lru_cache(1_024)(wire.int8)


def empty() -> AgendaRows:
    return AgendaRows([], [], [], [], [])


def agenda_rows(namespace: bytes, agendas: Sequence[RunAgenda]) -> AgendaRows:
    """The rows of an append; ``namespace`` is a field already."""
    rows = empty()
    text, int8, uuid, composite = _text, _int8, wire.uuid, wire.composite
    for run_id, workflow, agenda in agendas:
        run, of = uuid(run_id), text(workflow)
        for job in agenda.queued:
            rows.jobs.append(
                composite(
                    run,
                    text(job.step),
                    namespace,
                    of,
                    text(job.queue),
                    wire.texts(sorted(set(job.requires))),
                    int8(job.iteration),
                    int8(job.attempt),
                    int8(job.wait_us),
                )
            )
        for leased in agenda.leased:
            rows.leases.append(
                composite(
                    run,
                    text(leased.step),
                    namespace,
                    of,
                    text(leased.queue),
                    int8(leased.iteration),
                    int8(leased.attempt),
                    uuid(leased.lease),
                    text(leased.worker),
                    text(leased.principal),
                    int8(leased.lease_us),
                    wire.boolean(leased.canceling),
                )
            )
        for timer in agenda.timers:
            rows.timers.append(
                composite(
                    run,
                    text(timer.kind),
                    text(timer.step),
                    namespace,
                    int8(timer.iteration),
                    int8(timer.nth),
                    int8(timer.wait_us),
                )
            )
        rows.ended_jobs.extend(
            composite(run, text(step)) for step in agenda.dropped_jobs
        )
        rows.ended_timers.extend(
            composite(run, text(kind), text(step))
            for kind, step in agenda.dropped_timers
        )
    return rows
