"""The live event stream: server-sent events, resumed exactly where it broke."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx2

from runledger import errors
from runledger.models import Event
from runledger.transport import unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from runledger.transport import Transport

SILENCE_S = 60.0
"""The service says something at least every 15 s: longer silence is a dead line."""
_LONGEST_PAUSE_S = 5.0


def follow(
    transport: Transport,
    *,
    after: int | None,
    filters: dict[str, Any],
    give_up_after_s: float,
    lost: Callable[[str], None],
) -> Generator[Event, None, None]:
    """Events as they are appended; ends only by an error, or by the caller.

    ``lost`` is told, once each time, that the connection broke and is made again.
    """
    path = transport.scoped("/events/stream")
    url = transport.url(transport.connection.query_url, path)
    filters = {name: value for name, value in filters.items() if value is not None}
    timeout = httpx2.Timeout(10.0, read=SILENCE_S)
    seen, pause, broken_since = after, 0.1, None
    while True:
        headers = transport.headers({"Accept": "text/event-stream"})
        query = dict(filters)
        if seen is not None:
            headers["Last-Event-ID"] = str(seen)
            query["after"] = seen
        try:
            with transport.http.stream(
                "GET", url, params=query, headers=headers, timeout=timeout
            ) as answer:
                if not answer.is_success:
                    raise errors.of_answer(answer.status_code, answer.read(), url)
                broken_since, pause = None, 0.1
                for message in httpx2.EventSource(answer):
                    if message.data and message.id.isdigit():
                        if message.event == "message":
                            yield Event.model_validate(json.loads(message.data))
                        seen = int(message.id)
            reason = "the connection was closed"
        except httpx2.TransportError as error:
            reason = str(error) or type(error).__name__
            if _over(broken_since, give_up_after_s):
                raise unreachable(url, error) from error
        except errors.ServiceError as error:
            reason = error.detail
            if _over(broken_since, give_up_after_s):
                raise
        if broken_since is None:
            broken_since = time.monotonic()
            lost(reason)
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_S)


def _over(since: float | None, seconds: float) -> bool:
    return since is not None and time.monotonic() - since > seconds
