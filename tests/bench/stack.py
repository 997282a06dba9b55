"""The servers and processes that benchmarks run against, in a scratch folder."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from infra.local.child import Child
from infra.local.ports import answers, free_ports
from tests.support.service import PATIENCE_S, Service

if TYPE_CHECKING:
    from collections.abc import Iterator


class Stack(Service):
    """The service, and beside it the bare endpoint that it is measured against."""

    @contextmanager
    def bare(self, connections: int) -> Iterator[str]:
        """The address of an endpoint that does one INSERT, in a process of its own."""
        (port,) = free_ports(1)
        child = Child(
            "bare",
            [sys.executable, "-m", "tests.bench.bare", str(port), str(connections)],
            log=self.folder / "logs" / "bare.log",
            environ={**os.environ, "BARE_DATABASE_URL": self.url()},
        )
        try:
            child.wait_until(lambda: answers(port), PATIENCE_S)
            yield f"http://127.0.0.1:{port}/"
        finally:
            child.stop(5)

    @contextmanager
    def quiet(self, *names: str) -> Iterator[None]:
        """Without these processes meanwhile."""
        running = [name for name in self.processes if name in names]
        for name in running:
            self.stop(name)
        try:
            yield
        finally:
            for name in running:
                self.start(name)
            self.wait_ready(*[n for n in running if n == "command" or n == "query"])
