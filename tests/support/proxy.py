"""A bad line to PostgreSQL: it loses a question, or the answer to one that arrived."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from pathlib import Path
    from types import TracebackType

SOCKET = ".s.PGSQL.5432"


class Proxy:
    """Stands before a server's Unix socket; connect to ``folder`` as the host."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder = folder
        self.refuse = False
        """End new connections at once."""
        self.lose_next: Literal["answer", "question"] | None = None
        """What the next append through here loses, and with it its connection."""
        self.lost = 0
        self._server = server
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None

    async def has_lost(self) -> bool:
        return self.lost > 0

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_unix_server(
            self._accept, self.folder / SOCKET
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._listener is not None
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.CancelledError):
                if not self.refuse:
                    await self._carry(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_unix_connection(
            self._server / SOCKET
        )
        answers = asyncio.create_task(_copy(server_reader, writer))
        try:
            while question := await reader.read(1 << 16):
                # Bind and Execute of a prepared append: it holds no SQL text, so it
                # is known by the topic of the events in it.
                lose = self.lose_next if b"run.step.started" in question else None
                if lose is not None:
                    self.lose_next = None
                if lose == "answer":
                    answers.cancel()
                    await asyncio.gather(answers, return_exceptions=True)
                    server_writer.write(question)
                    # ReadyForQuery, outside of a transaction, ends every answer.
                    answer = b""
                    while not answer.endswith(b"Z\x00\x00\x00\x05I"):
                        answer += await server_reader.read(1 << 16)
                if lose is not None:
                    self.lost += 1
                    return
                server_writer.write(question)
        finally:
            answers.cancel()
            server_writer.close()


async def _copy(reader: StreamReader, writer: StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
    writer.close()
