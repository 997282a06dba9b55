"""Bulk operations: what may be asked of one, and what follows. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from domain.bulk.carrying_out import refused, run_command, told
from domain.bulk.commands import (
    ApproveSteps,
    CancelRuns,
    EndBulk,
    RecordItems,
    RedoSteps,
    RejectSteps,
    RetryRuns,
    RunFilter,
    StartBulk,
    StopBulk,
)
from domain.bulk.decisions import LISTED, RECORDED, decide, decide_all
from domain.bulk.events import (
    BulkEnded,
    BulkItemsDone,
    BulkListed,
    BulkStarted,
    BulkStopRequested,
)
from domain.bulk.evolution import fold
from domain.bulk.foreseeing import Seen, foresee
from domain.bulk.items import BulkItem, ItemResult, list_digest, pieces
from domain.bulk.state import Bulk
from domain.errors import (
    BrokenHistory,
    BulkEmpty,
    BulkListChanged,
    RunOver,
    UnknownBulk,
    UnknownRun,
)
from domain.events import By, Event
from domain.requests import Answer, Linked
from domain.run.commands import Approve, CancelRun, RedoStep, Reject, RetryRun
from infra.codec import MAX_STATE_BYTES, encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.bulk.commands import BulkCommand

ADA = By("ada", datetime(2026, 11, 1, 12, tzinfo=UTC))
CANCEL = CancelRuns(type="cancel")
FAILED = RunFilter(workflow="etl")
DONE = ItemResult(result="done", version=4, position=9)


def items(count: int) -> tuple[BulkItem, ...]:
    return tuple(
        BulkItem(run_id=UUID(int=n), workflow="etl", number=n)
        for n in range(1, count + 1)
    )


def start(count: int, **more: object) -> StartBulk:
    """With the digest of the preview, unless another one is given."""
    given = {
        "command": CANCEL,
        "filter": FAILED,
        "digest": list_digest(items(count), 7),
        "items": items(count),
        "reason": "bad deploy",
    }
    return StartBulk.model_validate(given | more)


def after(*events: Event) -> Bulk:
    return fold(Bulk(), ((event, ADA) for event in events))


def started(count: int, command: BulkCommand = CANCEL) -> list[Event]:
    return decide(Bulk(), start(count, command=command))


def done(first: int, count: int) -> BulkItemsDone:
    return BulkItemsDone(first=first, results=(DONE,) * count)


def test_a_start_fixes_the_list() -> None:
    digest = list_digest(items(3), 7)
    assert started(3) == [
        BulkStarted(
            command=CANCEL,
            filter=FAILED,
            total=3,
            digest=digest,
            reason="bad deploy",
        ),
        BulkListed(first=1, items=items(3)),
    ]


def test_a_long_list_takes_several_events() -> None:
    _, *listed = started(2 * LISTED + 1)
    assert [event.first for event in listed if isinstance(event, BulkListed)] == [
        1,
        LISTED + 1,
        2 * LISTED + 1,
    ]
    assert after(*started(2 * LISTED + 1)).items == items(2 * LISTED + 1)


def test_no_event_is_over_the_limit_however_long_the_names_are() -> None:
    long = tuple(
        BulkItem(
            run_id=UUID(int=n),
            workflow="\U0001f680" * 200,
            number=n,
            step='"' * 200,
            iteration=1,
            subject_digest="a" * 64,
        )
        for n in range(1, LISTED + 1)
    )
    digest = list_digest(long, 7)
    events = decide(Bulk(), start(1, items=long, digest=digest))
    assert max(len(encode(event)) for event in events) < MAX_STATE_BYTES
    assert after(*events).items == long
    told_of = ItemResult(result="refused", code="wrong-state", message='"' * 300)
    results = (told_of,) * RECORDED
    assert len(encode(BulkItemsDone(first=1, results=results))) < MAX_STATE_BYTES


def test_runs_named_one_by_one_stand_in_the_list_alone() -> None:
    named = RunFilter(run_ids=tuple(UUID(int=n) for n in range(1, 4)))
    event = decide(Bulk(), start(3, filter=named))[0]
    assert isinstance(event, BulkStarted)
    assert event.filter.run_ids == ()
    assert event.named_runs == 3


def test_another_list_than_the_previews_is_refused_and_says_what_changed() -> None:
    command = start(2, items=items(3), changed=("etl#3",))
    with pytest.raises(BulkListChanged, match=r"had 2 items and has 3.*etl#3") as found:
        decide(Bulk(), command)
    assert found.value.details == {"previewed": 2, "total": 3, "changed": ["etl#3"]}


def test_a_list_of_the_same_length_with_other_runs_is_refused_as_well() -> None:
    with pytest.raises(BulkListChanged, match="not the same ones"):
        decide(Bulk(), start(2, items=items(3)[1:]))


def test_the_same_list_at_a_later_position_in_another_order_is_the_same() -> None:
    later = list_digest(items(3), 99)
    assert decide(Bulk(), start(3, digest=later, items=items(3)[::-1]))


def test_a_question_asked_anew_is_another_item() -> None:
    asked = BulkItem(run_id=UUID(int=1), step="a", iteration=1, subject_digest="x")
    again = asked.model_copy(update={"iteration": 2})
    digest = list_digest([asked], 7)
    with pytest.raises(BulkListChanged):
        decide(Bulk(), start(1, digest=digest, items=(again,)))


def test_a_list_nobody_previewed_is_taken_only_if_told_so() -> None:
    with pytest.raises(BulkListChanged, match="No preview was named"):
        decide(Bulk(), start(2, digest=None))
    event = decide(Bulk(), start(2, digest=None, take_as_is=True))[0]
    assert isinstance(event, BulkStarted)
    assert event.took_as_is


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(BulkEmpty):
        decide(Bulk(), start(0))


def test_starting_twice_changes_nothing() -> None:
    assert decide(after(*started(2)), start(2)) == []


def test_results_follow_the_list() -> None:
    bulk = after(*started(3), done(1, 2))
    assert bulk.done == 2
    assert decide(bulk, RecordItems(first=3, results=(DONE,))) == [done(3, 1)]


def test_results_that_another_runner_recorded_first_are_dropped() -> None:
    bulk = after(*started(3), done(1, 2))
    assert decide(bulk, RecordItems(first=1, results=(DONE, DONE))) == []


def test_it_completes_when_every_item_has_a_result() -> None:
    results = (DONE, ItemResult(result="refused", code="run-over"), DONE)
    commands = (RecordItems(first=1, results=results), EndBulk())
    events, bulk = decide_all(after(*started(3)), commands, ADA)
    assert events[-1] == BulkEnded(outcome="completed", done=2, refused=1)
    assert bulk.state == "completed"


def test_it_does_not_end_before() -> None:
    assert decide(after(*started(3), done(1, 2)), EndBulk()) == []


def test_a_stop_leaves_the_rest_alone() -> None:
    bulk = after(*started(3), done(1, 1))
    assert decide(bulk, StopBulk(reason="oops")) == [BulkStopRequested(reason="oops")]
    stopping = fold(bulk, [(BulkStopRequested(reason="oops"), ADA)])
    assert stopping.state == "stopping"
    assert stopping.stop is not None
    assert decide(stopping, StopBulk()) == []
    # What was under way is recorded all the same.
    events, stopped = decide_all(
        stopping, (RecordItems(first=2, results=(DONE,)), EndBulk()), ADA
    )
    assert events == [done(2, 1), BulkEnded(outcome="stopped", done=2, left=1)]
    assert stopped.state == "stopped"


def test_a_stop_that_comes_when_all_is_done_stops_nothing() -> None:
    bulk = after(*started(1), done(1, 1), BulkStopRequested())
    assert decide(bulk, EndBulk()) == [BulkEnded(outcome="completed", done=1)]


def test_what_has_ended_takes_no_more() -> None:
    bulk = after(*started(1), done(1, 1), BulkEnded(outcome="completed", done=1))
    assert decide(bulk, StopBulk()) == []
    assert decide(bulk, EndBulk()) == []
    assert decide(bulk, RecordItems(first=2, results=(DONE,))) == []


def test_there_is_no_such_operation() -> None:
    with pytest.raises(UnknownBulk):
        decide(Bulk(), StopBulk())


@pytest.mark.parametrize(
    "events",
    [
        [done(1, 1)],
        [*started(1), *started(1)],
        [*started(2), BulkListed(first=2, items=items(1))],
        [*started(2), done(2, 1)],
        [*started(2), done(1, 3)],
        [*started(1), BulkEnded(outcome="stopped"), BulkStopRequested()],
    ],
)
def test_what_cannot_have_happened_breaks_the_fold(events: Sequence[Event]) -> None:
    with pytest.raises(BrokenHistory):
        after(*events)


ASKED = BulkItem(run_id=UUID(int=1), step="a", iteration=2, subject_digest="x")


@pytest.mark.parametrize(
    ("wanted", "command"),
    [
        (CancelRuns(type="cancel", force=True), CancelRun(reason="r", force=True)),
        (
            RetryRuns(type="retry", accept_unsafe=True),
            RetryRun(reason="r", accept_unsafe=True),
        ),
        (RedoSteps(type="redo", step="b"), RedoStep(step="b", feedback="r")),
        (
            ApproveSteps(type="approve", form={"ok": True}),
            Approve(
                step="a",
                iteration=2,
                subject_digest="x",
                comment="r",
                form={"ok": True},
            ),
        ),
        (
            RejectSteps(type="reject"),
            Reject(step="a", iteration=2, subject_digest="x", comment="r"),
        ),
    ],
)
def test_each_item_is_a_command_to_its_run(
    wanted: BulkCommand, command: object
) -> None:
    bulk = Bulk(version=1, command=wanted, reason="r")
    assert run_command(bulk, ASKED) == command


def test_a_run_that_asked_nothing_gets_no_command() -> None:
    bulk = Bulk(version=1, command=ApproveSteps(type="approve"))
    assert run_command(bulk, items(1)[0]) is None


def test_results_tell_what_became_of_an_item() -> None:
    answer = Answer(UUID(int=1), "etl", 1, 4, 9, "canceled")
    assert told(answer, changed=True) == DONE
    assert told(answer, changed=False).result == "nothing"
    retried = told(
        Answer(UUID(int=2), "etl", 2, 3, 12, "queued", Linked(UUID(int=1), 1, 8, 13)),
        changed=True,
    )
    assert retried == ItemResult(
        result="done", version=8, position=13, new_run=UUID(int=2), new_number=2
    )
    assert refused(UnknownRun("gone")).result == "not_found"
    over = refused(RunOver("x" * 1_000))
    assert (over.result, over.code, len(over.message)) == ("refused", "run-over", 300)


def asked(**more: Any) -> Seen:
    """A run with an open question."""
    return Seen("running", asks=True, **more)


RETRY = RetryRuns(type="retry")
APPROVE = ApproveSteps(type="approve")


@pytest.mark.parametrize(
    ("command", "seen", "found"),
    [
        (CANCEL, Seen("running"), "done"),
        (CANCEL, Seen("canceled"), "nothing"),
        (CANCEL, Seen("failed"), "run-over"),
        (CANCEL, Seen("running", observed=True), "run-observed"),
        (CANCEL, Seen(None), "unknown-run"),
        (RETRY, Seen("failed"), "done"),
        (RETRY, Seen("running"), "run-not-over"),
        (RETRY, Seen("completed"), "not-retriable"),
        (RetryRuns(type="retry", retry_from="start"), Seen("completed"), "done"),
        (RETRY, Seen("failed", retry_state="running"), "retry-open"),
        (RETRY, Seen("failed", retry_state="failed"), "done"),
        (RedoSteps(type="redo", step="a"), Seen("running"), "done"),
        (RedoSteps(type="redo", step="a"), Seen("completed"), "run-over"),
        (APPROVE, Seen("running", asks=True), "done"),
        (APPROVE, Seen("running"), "wrong-state"),
        (APPROVE, Seen("running", asks=True, approvers=("ada",)), "done"),
        (APPROVE, Seen("running", asks=True, approvers=("eve",)), "not-an-approver"),
        (APPROVE, Seen("running", asks=True, groups=("ops",)), "done"),
        (APPROVE, Seen("running", asks=True, groups=("dba",)), "not-an-approver"),
        (APPROVE, asked(groups=("dba",), delegates=("ada",)), "done"),
        (APPROVE, asked(ineligible=("ada",)), "not-an-approver"),
        (APPROVE, asked(decided="approved", ineligible=("ada",)), "nothing"),
        (APPROVE, asked(decided="rejected"), "wrong-state"),
        (RejectSteps(type="reject"), asked(decided="rejected"), "nothing"),
        (APPROVE, asked(asks_form=True), "form-invalid"),
        (ApproveSteps(type="approve", form={"a": 1}), asked(asks_form=True), "done"),
        (ApproveSteps(type="approve", form={"a": 1}), asked(), "form-invalid"),
        (RejectSteps(type="reject"), asked(asks_form=True), "done"),
    ],
)
def test_a_preview_foresees_what_state_alone_decides(
    command: BulkCommand, seen: Seen, found: str
) -> None:
    foreseen = foresee(command, seen, "ada", frozenset({"ops"}))
    assert (foreseen.code or foreseen.result) == found


def test_pieces_are_bounded_by_number() -> None:
    assert [(first, len(piece)) for first, piece in pieces(items(5), 2)] == [
        (1, 2),
        (3, 2),
        (5, 1),
    ]
