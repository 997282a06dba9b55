"""Log lines while command API and PostgreSQL are killed: each is there, and once."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING

from runledger import Client, RunledgerError

from tests.support.service import Service
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

SEED = 20_261_123
WRITERS = 4
LINES = 40
"""Of each batch."""
BLOWS = ("command", "postgres", "command")
WORKFLOW = {"name": "chatty", "steps": [{"name": "talk"}]}


class Writer(threading.Thread):
    """Writes batch after batch until it is told to stop, each until it is taken."""

    def __init__(self, service: Service, run_id: UUID) -> None:
        super().__init__()
        self.run_id = run_id
        self.taken = 0
        """Lines that were acknowledged."""
        self.repeats = 0
        self.error: Exception | None = None
        self._service = service
        self.stopping = threading.Event()

    def run(self) -> None:
        try:
            with connected(self._service, retry_for_s=0.0) as client:
                while not self.stopping.is_set():
                    self._write(client)
        except Exception as error:
            self.error = error

    def _write(self, client: Client) -> None:
        first = self.taken + 1
        batch = [f"line {n}" for n in range(first, first + LINES)]
        deadline = time.monotonic() + 180
        while True:
            try:
                client.append_log(self.run_id, "talk", 1, batch, first=first)
            except RunledgerError as error:
                if error.status not in (0, None, 503) or time.monotonic() > deadline:
                    raise
                self.repeats += 1
            else:
                self.taken += LINES
                return


def connected(service: Service, **options: float) -> Client:
    return Client(
        query_url=service.query_url,
        command_url=service.command_url,
        token=service.token,
        **options,  # type: ignore[arg-type]  # a number each
    )


def test_every_acknowledged_line_outlives_kills_once(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    with Service(tmp_path) as service, connected(service) as client:
        client.register_workflow(WORKFLOW)
        writers = []
        for _ in range(WRITERS):
            run_id = client.create_run("chatty").run_id
            client.start_step(run_id, "talk")
            writers.append(Writer(service, run_id))
        for writer in writers:
            writer.start()
        for blow in BLOWS:
            wait_for_more(writers, chance.randrange(3, 10))
            if blow == "postgres":
                service.postgres.kill()
                service.postgres.start()
            else:
                service.kill("command")
                service.start("command")
        wait_for_more(writers, 5)
        for writer in writers:
            writer.stopping.set()
        for writer in writers:
            writer.join(200)
            assert writer.error is None, writer.error
        assert sum(writer.repeats for writer in writers) > 0, "nothing was disturbed"
        for writer in writers:
            found = client.log_lines(writer.run_id, "talk", 1)
            expected = [f"line {n}" for n in range(1, writer.taken + 1)]
            assert [line.text for line in found] == expected


def wait_for_more(writers: list[Writer], batches: int) -> None:
    """Until each has had so many more of them taken."""
    goals = [writer.taken + batches * LINES for writer in writers]

    def reached() -> bool:
        for writer in writers:
            assert writer.error is None, writer.error
        return all(
            writer.taken >= goal for writer, goal in zip(writers, goals, strict=True)
        )

    eventually(reached, seconds=200)
