"""Imports files: reads, sends batches with several in flight, and keeps account."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from runledger import errors
from runledger.importing import mapping as mappings
from runledger.importing import wfformat
from runledger.importing.account import Account
from runledger.importing.definitions import Definitions
from runledger.importing.files import opened
from runledger.importing.logs import LogReader
from runledger.importing.observed import Unreadable
from runledger.importing.parcels import batches, parcel
from runledger.importing.sending import problem, send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from runledger.client import Client
    from runledger.importing.files import Opened
    from runledger.importing.mapping import Mapping
    from runledger.importing.observed import Definition, ObservedRun
    from runledger.importing.parcels import Parcel
    from runledger.models import ItemAnswer

IN_FLIGHT = 3
"""Batches on their way at a time: enough that neither side waits for the other."""


@dataclass(slots=True)
class Choices:
    """What the person importing has chosen."""

    mapping: Mapping | None = None
    mapping_name: str = ""
    shipped_mappings: bool = True
    """Whether a log with the name that a shipped mapping is for takes that one."""
    workflow: str | None = None
    told: Callable[[str], None] = field(default=lambda _: None)
    """Is told what the person may want to know at once."""
    progress: Callable[[int, int], None] = field(default=lambda *_: None)
    """Is told bytes and runs read so far of the present file."""


class Importer:
    """Imports one file after the other. A context manager."""

    def __init__(self, client: Client, choices: Choices) -> None:
        self._client = client
        self._choices = choices
        self._definitions = Definitions(client)
        self._senders = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="import")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._senders.shutdown(cancel_futures=True)

    def file(self, path: Path) -> Account:
        """Import one file. A bad file, or a refused run, is told in the account.

        Raises:
            RunledgerError: the service is away, or does not let the caller import.
        """
        account = Account(str(path))
        begin = time.monotonic()
        try:
            with opened(path) as content:
                self._send(self._runs(path, content, account), account)
        except Unreadable as error:
            account.problem(error.sentence(path.name))
        account.seconds = time.monotonic() - begin
        return account

    def _runs(
        self, path: Path, content: Opened, account: Account
    ) -> Iterator[tuple[Definition, ObservedRun]]:
        """Every run with its definition; what cannot be read goes into the account."""
        progress = self._choices.progress
        try:
            if content.format == "json":
                yield wfformat.read(content, self._choices.workflow)
                progress(content.bytes_read, 1)
            else:
                reader = LogReader(content, path.name.partition(".")[0])
                self._choose_mapping(reader, account)
                definition = reader.definition(self._choices.workflow)
                for count, run in enumerate(reader.runs(), start=1):
                    yield definition, run
                    progress(content.bytes_read, count)
                account.outside = reader.outside
        except Unreadable as error:
            # Not raised: what was read before it is still to be sent.
            account.problem(error.sentence(path.name))

    def _choose_mapping(self, reader: LogReader, account: Account) -> None:
        chosen = self._choices
        if chosen.mapping is not None:
            reader.mapping, account.mapping = chosen.mapping, chosen.mapping_name
            return
        if not chosen.shipped_mappings:
            return
        if found := mappings.matching(reader.log_name):
            account.mapping, reader.mapping = found
            chosen.told(
                f"{reader.log_name}: using the shipped mapping {account.mapping} "
                "(--no-mapping leaves it out)."
            )

    def _send(
        self, runs: Iterable[tuple[Definition, ObservedRun]], account: Account
    ) -> None:
        """Keep batches in flight; in the end, and on an error, wait for them all."""
        on_their_way: deque[tuple[Future[list[ItemAnswer]], list[Parcel]]] = deque()
        try:
            for batch in batches(self._parcels(runs, account)):
                sent = self._senders.submit(send, self._client, batch)
                on_their_way.append((sent, batch))
                if len(on_their_way) >= IN_FLIGHT:
                    self._settle(*on_their_way.popleft(), account)
        finally:
            while on_their_way:
                self._settle(*on_their_way.popleft(), account)

    def _parcels(
        self, runs: Iterable[tuple[Definition, ObservedRun]], account: Account
    ) -> Iterator[Parcel]:
        namespace = self._client.connection.namespace
        for definition, run in runs:
            account.workflow = definition.name
            try:
                version = self._definitions.version(definition)
            except errors.Invalid as error:
                account.refuse(run, f"{account.file}: {error.detail}")
                continue
            yield parcel(run, namespace, definition.name, version)

    def _settle(
        self, sent: Future[list[ItemAnswer]], batch: list[Parcel], account: Account
    ) -> None:
        for one, answer in zip(batch, sent.result(), strict=True):
            if answer.answer is not None:
                account.recorded(one.run, repeated=answer.answer.repeated)
                continue
            sentence = _refused(account.file, one.run, problem(answer))
            account.refuse(one.run, sentence)


def _refused(file: str, run: ObservedRun, error: errors.RunledgerError) -> str:
    if error.code in ("run-exists", "idempotency-key-reused"):
        return (
            f"{file}, {run.place}: it is on record with other content (an older "
            "export, or another mapping), which stays as it is; import it into "
            "another namespace to have both."
        )
    return f"{file}, {run.place}: {error.detail}"
