"""Worker processes of one test, with workflows and a world of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.local.child import Child
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from uuid import UUID

    from runledger import Client
    from runledger.models import OneStep, RunDetail

    from tests.support.service import Service

FLOWS = Path(__file__).with_name("flows.py")


class Stage:
    def __init__(
        self, service: Service, client: Client, name: str, world: Path
    ) -> None:
        self.service = service
        self.client = client
        self.name = name
        self.world = world
        self._workers: list[Child] = []

    def worker(
        self,
        *flows: str,
        slots: int = 4,
        lease: float = 30,
        grace: float = 20,
        token: str | None = None,
        command_url: str | None = None,
        wait: bool = True,
    ) -> Child:
        """A process that carries out these of ``flows``."""
        number = len(self._workers)
        child = Child(
            f"worker-{number}",
            [
                *(sys.executable, "-m", "runledger", "worker"),
                *(f"{FLOWS}:{flow}" for flow in flows),
                *("--slots", str(slots), "--lease", str(lease)),
                *("--grace", str(grace)),
            ],
            log=self.world / f"worker-{number}.log",
            environ={
                **os.environ,
                "FLOW": self.name,
                "WORLD": str(self.world),
                "RUNLEDGER_QUERY_URL": self.service.query_url,
                "RUNLEDGER_COMMAND_URL": command_url or self.service.command_url,
                "RUNLEDGER_TOKEN": token or self.service.token,
            },
        )
        self._workers.append(child)
        if wait:
            child.wait_until(
                lambda: child.log.read_text().count("is at version") == len(flows), 60
            )
        return child

    def close(self) -> None:
        for child in self._workers:
            if child.running:
                child.kill()

    def start(self, flow: str, inputs: object = None) -> UUID:
        return self.client.create_run(f"{self.name}-{flow}", inputs=inputs).run_id

    def ended(self, run: UUID) -> RunDetail:
        """The run, once it has."""

        def final() -> RunDetail | None:
            found = self.client.run(run)
            return found if found.ended_at is not None else None

        return eventually(final)  # type: ignore[return-value]  # there

    def waits(self, run: UUID, step: str) -> None:
        eventually(lambda: self.step(run, step).state == "waiting_for_approval")

    def step(self, run: UUID, step: str) -> OneStep:
        return self.client.step(run, step)

    def output(self, run: UUID, step: str) -> Any:
        found = self.step(run, step).output
        return None if found is None else found.value

    def outcomes(self, run: UUID, step: str, *wanted: str) -> bool:
        """Whether its attempts have come to these ends."""
        return [each.outcome for each in self.step(run, step).attempts] == [*wanted]

    def leave(self, name: str) -> None:
        """Something for functions to find."""
        self.world.joinpath(name).touch()

    def lines(self, name: str) -> list[str]:
        file = self.world / name
        return file.read_text("utf-8").splitlines() if file.exists() else []

    def began(self, functions: int) -> list[list[str]]:
        """Once so many have: run, process and attempt of each."""
        eventually(lambda: len(self.lines("begun")) >= functions)
        return [line.split() for line in self.lines("begun")]
