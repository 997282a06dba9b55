"""The client of both APIs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from runledger import connection as connections
from runledger.bulk import BulkOperations
from runledger.commands import Commands
from runledger.errors import ServiceError
from runledger.following import follow
from runledger.logs import Logs
from runledger.transport import Transport
from runledger.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from uuid import UUID

    import httpx2

    from runledger.connection import Connection
    from runledger.models import Event, System


class Client(Commands, BulkOperations, Work, Logs):
    """Speaks for one token in one namespace. Safe to share between threads.

    with Client() as client:
        run = client.create_run("etl")
        client.start_step(run.run_id, "extract")

    Addresses and token come from the arguments, else from RUNLEDGER_QUERY_URL,
    RUNLEDGER_COMMAND_URL, RUNLEDGER_TOKEN and RUNLEDGER_NAMESPACE, else from the file
    that ``infra/bin/up`` left (see ``connection``). Errors: see ``errors``.

    What this client has written is in what it reads, unless ``read_own_writes`` is
    False. With ``read_all_writes`` so is what anybody else had written before its first
    query: for programs that go on where another one stopped.
    """

    def __init__(
        self,
        *,
        query_url: str | None = None,
        command_url: str | None = None,
        token: str | None = None,
        namespace: str | None = None,
        timeout_s: float = 30.0,
        retry_for_s: float = 5.0,
        read_own_writes: bool = True,
        read_all_writes: bool = False,
        http: httpx2.Client | None = None,
    ) -> None:
        found = connections.find(
            query_url=query_url,
            command_url=command_url,
            token=token,
            namespace=namespace,
        )
        self._transport = Transport(
            found, timeout_s=timeout_s, retry_for_s=retry_for_s, http=http
        )
        self._read_own_writes = read_own_writes
        self._read_all_writes = read_all_writes

    @property
    def connection(self) -> Connection:
        return self._transport.connection

    @property
    def position(self) -> int:
        """Of the last event that this client has written; 0 before that."""
        return self._transport.written.position

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def follow(
        self,
        *,
        after: int | None = None,
        run: str | None = None,
        workflow: str | None = None,
        topic: str | None = None,
        actor: str | None = None,
        correlation: UUID | str | None = None,
        give_up_after_s: float = 60.0,
        lost: Callable[[str], None] = lambda _: None,
    ) -> Generator[Event, None, None]:
        """Events from now on, or after a position: none twice, none left out.

        A broken connection is made again, for as long as ``give_up_after_s``.
        """
        return follow(
            self._transport,
            after=after,
            filters={
                "run": run,
                "workflow": workflow,
                "topic": topic,
                "actor": actor,
                "correlation": None if correlation is None else str(correlation),
            },
            give_up_after_s=give_up_after_s,
            lost=lost,
        )

    def wait(
        self,
        position: int | None = None,
        *,
        timeout_s: float = 60.0,
        progress: Callable[[System], None] = lambda _: None,
    ) -> int:
        """Until the read models have a position: by default the log's end as of now.

        Raises:
            ServiceError: they had not come that far in time.
        """
        if position is None:
            position = int(self.system().log.position)
        deadline = time.monotonic() + timeout_s
        while True:
            left = deadline - time.monotonic()
            wait_s = min(max(left, 0.0), 2.0)
            page = self.runs(limit=1, min_position=position, wait_s=wait_s)
            if not page.stale:
                return position
            if left <= 0:
                raise ServiceError(
                    f"After {timeout_s:g} s the read models have not come to position "
                    f"{position}: runledger-server doctor says what holds them up.",
                    code="behind",
                )
            progress(self.system())
