"""Uvicorn's connections, with an answer in one write.

Uvicorn writes an answer's head and its body apart: two system calls, and a client that
is woken for half an answer. docs/choices.md has what it costs.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Gathered:
    """A transport that writes once in each turn of the loop."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._parts: list[bytes] = []
        self._soon: Callable[..., object] = asyncio.get_running_loop().call_soon

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._soon(self._flush)
        self._parts.append(data)

    def _flush(self) -> None:
        parts, self._parts = self._parts, []
        if parts and not self._transport.is_closing():
            self._transport.write(b"".join(parts))

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        """Everything else is the transport's own; looked up once."""
        found = getattr(self._transport, name)
        setattr(self, name, found)
        return found


class HttpConnection(HttpToolsProtocol):
    """What ``uvicorn.Config(http=...)`` takes."""

    def connection_made(  # type: ignore[override]  # uvicorn narrows it as well
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(cast("asyncio.Transport", Gathered(transport)))
