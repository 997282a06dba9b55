"""Stored events: what is written today is read for ever, and the other way round."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import orjson
import pytest

from domain import upcasting
from domain.events import TOPICS, Event
from domain.run.events import (
    ApprovalRequested,
    Content,
    RunCreated,
    RunFailed,
    StepQueued,
)
from domain.workflow.definition import ApprovalPolicy
from infra.codec import Undecodable, UnknownTopic, decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

STORED = Path(__file__).with_name("stored_events.json")

MOMENT = datetime(2026, 11, 22, 9, 30, 0, 123_456, tzinfo=UTC)


@pytest.mark.parametrize(
    "event",
    [
        RunCreated(workflow="deploy", workflow_version=3, number=1),
        RunCreated(
            workflow="deploy",
            workflow_version=3,
            number=1,
            inputs=Content(value={"a": None, "b": [None, 0, False, ""], "c": {}}),
        ),
        RunFailed(step=None, attempt=None),
        StepQueued(step="büild 🚀", attempt=2, available_at=MOMENT),
        ApprovalRequested(
            step="ship",
            policy=ApprovalPolicy(approvers=("ada", "bob"), required=2),
            subject_digest="ab" * 32,
            subject=Content(value="\x00"),
        ),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_was_encoded_is_decoded(event: Event) -> None:
    again = decode(event.topic, encode(event))
    assert again == event
    assert encode(again) == encode(event)


def test_what_has_its_default_is_left_out() -> None:
    assert encode(RunFailed(step=None, attempt=None)) == b'{"step":null,"attempt":null}'
    queued = StepQueued(step="build", iteration=1, attempt=2)
    assert encode(queued) == b'{"step":"build","attempt":2}'


def test_an_unknown_topic_says_so() -> None:
    with pytest.raises(UnknownTopic, match=r"run\.teleported"):
        decode("run.teleported", b"{}")


@pytest.mark.parametrize(
    "state", [b"", b"{", b"[]", b'{"step":1}', b'{"step":"a","more":1}']
)
def test_bytes_that_do_not_fit_say_so(state: bytes) -> None:
    with pytest.raises(Undecodable, match=r"run\.step\.started"):
        decode("run.step.started", state)


@pytest.fixture
def renamed(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Event]]:
    """An event at its third version."""

    class Baked(Event):
        topic: ClassVar[str] = "test.baked"
        class_version: ClassVar[int] = 3

        cake: str
        minutes: int = 30

    monkeypatch.setitem(
        upcasting.UPCASTERS,
        ("test.baked", 1),
        lambda fields: {"cake": fields["what"], "time": fields.get("time", 20)},
    )
    monkeypatch.setitem(
        upcasting.UPCASTERS,
        ("test.baked", 2),
        lambda fields: {"cake": fields["cake"], "minutes": fields["time"]},
    )
    yield Baked
    del TOPICS["test.baked"]


@pytest.mark.parametrize(
    ("state", "minutes"),
    [
        (b'{"what":"lemon"}', 20),
        (b'{"cake":"lemon","time":25,"class_version":2}', 25),
        (b'{"cake":"lemon","class_version":3}', 30),
    ],
)
def test_old_shapes_are_brought_up_step_by_step(
    renamed: type[Event], state: bytes, minutes: int
) -> None:
    assert decode("test.baked", state) == renamed.model_validate(
        {"cake": "lemon", "minutes": minutes}
    )


def test_a_later_version_stands_in_the_bytes(renamed: type[Event]) -> None:
    state = encode(renamed.model_validate({"cake": "lemon"}))
    assert orjson.loads(state) == {"cake": "lemon", "class_version": 3}


def shapes() -> dict[str, object]:
    """The JSON schema of every stored event, without its prose."""
    return {
        topic: {
            "class_version": cls.class_version,
            "schema": _without_prose(cls.model_json_schema()),
        }
        for topic, cls in sorted(TOPICS.items())
        if not topic.startswith("test.")
    }


def _without_prose(schema: Any) -> Any:
    match schema:
        case dict():
            return {
                name: _without_prose(value)
                for name, value in schema.items()
                if name not in {"title", "description"} or not isinstance(value, str)
            }
        case list():
            return [_without_prose(value) for value in schema]
        case _:
            return schema


def test_the_shapes_of_stored_events_are_as_they_were() -> None:
    """A default that is left out of the bytes is one that may never change.

    A new topic, or a new field **with** a default, is added to the file by
    ``python -m tests.infra.test_codec``. For anything else raise ``class_version``
    and write an upcaster.
    """
    assert json.loads(STORED.read_text()) == shapes()


if __name__ == "__main__":
    STORED.write_text(json.dumps(shapes(), indent=1) + "\n")
