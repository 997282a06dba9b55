"""The AsyncAPI 3.0 document of what Kafka carries, made from the events themselves."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import models_json_schema

import infra.codec  # noqa: F401  (it registers the topics of all events)
from domain.events import TOPICS
from infra.settings import DEAD_LETTERS_TOPIC, EVENTS_TOPIC, PARTITIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.events import Event

_SCHEMAS = "#/components/schemas/"
_MESSAGES = "#/components/messages/"

_POSITION = {"type": "string", "pattern": "^[0-9]+$"}
_TIME = {"type": "string", "format": "date-time"}
_UUID = {"type": "string", "format": "uuid"}

REQUIRED_HEADERS: Mapping[str, Mapping[str, Any]] = {
    "ce_specversion": {"const": "1.0"},
    "ce_id": {**_UUID, "description": "The event's id. Seen before: a repetition."},
    "ce_source": {"type": "string", "description": "/runledger/NAMESPACE"},
    "ce_type": {"type": "string", "description": "runledger.TOPIC.vN"},
    "ce_time": {**_TIME, "description": "When it happened."},
    "ce_subject": {**_UUID, "description": "The run, or the workflow's stream."},
    "content-type": {"const": "application/json"},
    "ce_position": {
        **_POSITION,
        "description": "Place in the whole log. Drop what you have seen up to.",
    },
    "ce_previous": {
        **_POSITION,
        "description": "Position of the record before it in its partition; 0: none.",
    },
    "ce_streamversion": {**_POSITION, "description": "Place in the run's stream."},
    "ce_actor": {"type": "string", "description": "Who made it happen."},
    "ce_recordedtime": {**_TIME, "description": "When it was recorded."},
}
OPTIONAL_HEADERS: Mapping[str, Mapping[str, Any]] = {
    "ce_recordedby": {
        "type": "string",
        "description": "Who reported it for the actor.",
    },
    "ce_correlationid": _UUID,
    "ce_causationid": _UUID,
    "ce_traceparent": {"type": "string", "description": "W3C trace context."},
}

_KEY = {"kafka": {"key": {**_UUID, "description": "The run, or workflow stream."}}}

_DEAD_LETTER: Mapping[str, Any] = {
    "name": "deadLetter",
    "title": "DeadLetter",
    "summary": "An event that could not be applied, or comes after one of its run.",
    "contentType": "application/json",
    "payload": {
        "type": "object",
        "required": ["position", "run_id", "version", "topic", "namespace", "error"],
        "properties": {
            "position": {"type": "integer", "description": "Of the event in the log."},
            "run_id": {**_UUID, "description": "The run, or workflow stream."},
            "version": {"type": "integer", "description": "Place in its stream."},
            "topic": {"type": "string"},
            "namespace": {"type": "string"},
            "error": {"type": "string"},
        },
    },
    "bindings": _KEY,
}


def document(*, host: str, version: str) -> dict[str, Any]:
    """The whole document. ``host``: where the broker is."""
    events = {topic: kind for topic, kind in sorted(TOPICS.items())}
    refs, schemas = models_json_schema(
        [(kind, "serialization") for kind in events.values()],
        ref_template=_SCHEMAS + "{model}",
    )
    messages = {
        topic: _message(kind, refs[kind, "serialization"])
        for topic, kind in events.items()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Runledger events",
            "version": version,
            "description": (
                "Every event of every workflow run, as a CloudEvent 1.0 in binary mode."
                " Delivery is at least once and in order within a run: drop what you"
                " have seen by its position."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"kafka": {"host": host, "protocol": "kafka"}},
        "channels": {
            "events": {
                "address": EVENTS_TOPIC,
                "title": "All events",
                "messages": {name: {"$ref": _MESSAGES + name} for name in messages},
                "bindings": {
                    "kafka": {"topic": EVENTS_TOPIC, "partitions": PARTITIONS}
                },
            },
            "deadLetters": {
                "address": DEAD_LETTERS_TOPIC,
                "title": "Events that could not be applied to the read models",
                "description": (
                    "A notice for others: the table of parked events is the truth. One"
                    " may come twice, or, in an outage, not at all."
                ),
                "messages": {"deadLetter": {"$ref": _MESSAGES + "deadLetter"}},
                "bindings": {"kafka": {"topic": DEAD_LETTERS_TOPIC}},
            },
        },
        "operations": {
            "publishEvents": {
                "action": "send",
                "summary": "The publisher carries the log to Kafka.",
                "channel": {"$ref": "#/channels/events"},
            },
            "publishDeadLetters": {
                "action": "send",
                "summary": "What a projector parks.",
                "channel": {"$ref": "#/channels/deadLetters"},
            },
        },
        "components": {
            "messages": {**messages, "deadLetter": _DEAD_LETTER},
            "schemas": {
                **schemas["$defs"],
                "Headers": {
                    "type": "object",
                    "required": list(REQUIRED_HEADERS),
                    "properties": {**REQUIRED_HEADERS, **OPTIONAL_HEADERS},
                },
            },
        },
    }


def _message(kind: type[Event], payload: Mapping[str, Any]) -> dict[str, Any]:
    told = inspect.cleandoc(kind.__doc__ or "") if "__doc__" in kind.__dict__ else ""
    message: dict[str, Any] = {
        "name": f"runledger.{kind.topic}.v{kind.class_version}",
        "title": kind.__name__,
        "contentType": "application/json",
        "headers": {"$ref": _SCHEMAS + "Headers"},
        "payload": payload,
        "bindings": _KEY,
    }
    if told:
        message["summary"] = told
    return message
