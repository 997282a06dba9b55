from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from uuid import UUID

from domain.run.contents import (
    INLINE_BYTES,
    TOGETHER_BYTES,
    canonical_json,
    detach,
    digest,
    same_content,
)
from domain.run.events import (
    ApprovalRequested,
    CarriedStep,
    Content,
    RunCreated,
    RunQueued,
    StepCompleted,
    StepReportDiscarded,
)
from domain.run.subjects import subject_digest
from domain.workflow.definition import ApprovalPolicy

if TYPE_CHECKING:
    from domain.events import Event

LARGE = "x" * (INLINE_BYTES + 1)
CREATED = RunCreated(workflow="release", workflow_version=1, number=1)


def completed(value: str) -> StepCompleted:
    return StepCompleted(step="build", attempt=1, output=Content(value=value))


def test_canonical_json_has_one_spelling() -> None:
    assert canonical_json({"b": [1, 2.5, None], "a": "é"}) == (
        b'{"a":"\xc3\xa9","b":[1,2.5,null]}'
    )
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})


def test_what_is_small_stays() -> None:
    events: list[Event] = [RunQueued(), completed("x" * (INLINE_BYTES - 2))]
    assert detach(events) == (events, {})


def test_what_is_large_lies_apart_under_its_digest() -> None:
    body = canonical_json(LARGE)
    key = hashlib.sha256(body).hexdigest()
    apart = Content(digest=key, size=len(body))
    events = [
        completed(LARGE),
        StepReportDiscarded(
            step="build",
            attempt=1,
            outcome="completed",
            reason="",
            output=Content(value=LARGE),
        ),
        ApprovalRequested(
            step="build",
            policy=ApprovalPolicy(),
            subject=Content(value=LARGE),
            subject_digest="",
        ),
        CREATED.model_copy(update={"inputs": Content(value=LARGE)}),
    ]
    found, contents = detach(events)
    assert contents == {key: body}
    step, late, asked, created = found
    assert isinstance(step, StepCompleted)
    assert isinstance(late, StepReportDiscarded)
    assert isinstance(asked, ApprovalRequested)
    assert isinstance(created, RunCreated)
    assert [step.output, late.output, asked.subject, created.inputs] == [apart] * 4


def test_what_lies_apart_already_stays_there() -> None:
    events = [
        StepCompleted(step="build", attempt=1, output=Content(digest="d", size=9))
    ]
    assert detach(events) == (events, {})


def test_many_carried_outputs_do_not_make_an_event_too_large() -> None:
    carried = tuple(
        CarriedStep(
            step=f"s{n}", from_run=UUID(int=1), output=Content(value="x" * 20_000)
        )
        for n in range(50)
    )
    (event,), contents = detach([CREATED.model_copy(update={"carried": carried})])
    assert isinstance(event, RunCreated)
    assert len(event.model_dump_json()) < 2 * TOGETHER_BYTES
    assert len(contents) == 1
    assert same_content(event.carried[-1].output, carried[-1].output)


def test_a_digest_stands_for_its_value() -> None:
    here = Content(value={"n": 1})
    apart = Content(digest=digest({"n": 1}), size=7)
    assert same_content(here, apart)
    assert subject_digest(here, "look", 2) == subject_digest(apart, "look", 2)
    assert not same_content(here, Content(value={"n": 2}))
    assert same_content(None, Content(value=None))


def test_a_subject_s_digest_says_iteration_and_summary_too() -> None:
    subject = Content(value=1)
    digests = {
        subject_digest(subject, "look", 1),
        subject_digest(subject, "look", 2),
        subject_digest(subject, "", 1),
        subject_digest(None, "look", 1),
    }
    assert len(digests) == 4
