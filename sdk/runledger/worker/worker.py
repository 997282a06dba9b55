"""A worker process: leases jobs, calls the functions of their steps, reports."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from runledger import connection as connections
from runledger import errors
from runledger.worker.capture import captured
from runledger.worker.http import CommandApi
from runledger.worker.shift import Shift

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runledger.worker.workflow import Step, Workflow

LOG = logging.getLogger("runledger.worker")


class Worker:
    """Carries out the steps of these workflows that are in one queue.

        Worker(pages, slots=20).run()

    Args:
        queue: by default the one that the workflows name.
        slots: how many functions run at a time; so many threads for sync ones.
        capabilities: what steps with ``requires`` may count on here.
        lease_s: a job is lost when its worker is not heard of for so long.
        grace_s: how long functions may go on once the worker is to stop.
        capture_output: what functions print becomes lines of their logs.
        register: make the workflows' definitions known at the start.
        name: how the process calls itself; by default host and process number.

    Where the service is: as for ``Client``.
    """

    def __init__(
        self,
        *workflows: Workflow,
        queue: str | None = None,
        slots: int = 10,
        capabilities: Iterable[str] = (),
        lease_s: float = 30.0,
        grace_s: float = 30.0,
        capture_output: bool = False,
        register: bool = True,
        name: str | None = None,
        query_url: str | None = None,
        command_url: str | None = None,
        token: str | None = None,
        namespace: str | None = None,
    ) -> None:
        """
        Raises:
            NotConfigured: nothing says where the service is, or the workflows do not
                fit this worker; says why.
        """
        if slots < 1:
            raise errors.NotConfigured("A worker needs at least one slot.")
        self.workflows = _by_name(workflows)
        self.queue = queue or _common_queue(workflows)
        self.steps = _steps_of(workflows, self.queue)
        self.slots = slots
        self.capabilities = tuple(capabilities)
        self.lease_s = lease_s
        self.grace_s = grace_s
        self.name = name or _name()
        self.connection = connections.find(
            query_url=query_url,
            command_url=command_url,
            token=token,
            namespace=namespace,
        )
        self.register = register
        self._capture = capture_output
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._stopped = False

    def run(self) -> None:
        """Work until SIGTERM or Ctrl-C: then start nothing new, finish within the grace
        or give back, return. A second signal ends the process at once.

        Raises:
            RunledgerError: the service will not have it (token, role, address).
        """
        asyncio.run(self._work_until_signaled())

    async def work(self) -> None:
        """``run`` in an event loop of yours, which keeps its signals; ``stop`` ends it.

        Raises:
            RunledgerError: as ``run``.
        """
        if self._loop is not None:
            raise errors.NotConfigured("This worker has worked already: make another.")
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        if self._stopped:
            self._stop.set()
        with captured(self._capture):
            async with CommandApi(self.connection) as api:
                await Shift(self, api, self._stop).work()

    def stop(self) -> None:
        """Have it stop in good order. From any thread, more than once if you like."""
        self._stopped = True
        if self._loop is not None and self._stop is not None:
            with suppress(RuntimeError):  # the loop has ended: so has the work
                self._loop.call_soon_threadsafe(self._stop.set)

    async def _work_until_signaled(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with suppress(NotImplementedError):  # Windows
                loop.add_signal_handler(number, self._signaled, number)
        await self.work()

    def _signaled(self, number: signal.Signals) -> None:
        if self._stopped:
            # Whoever asks twice does not want to wait: leases that are left run out.
            os._exit(128 + number)
        LOG.info(
            "Stopping: nothing new is started, what runs has %g s to finish. "
            "The same signal again ends it at once.",
            self.grace_s,
        )
        self.stop()


def _by_name(workflows: Sequence[Workflow]) -> dict[str, Workflow]:
    found: dict[str, Workflow] = {}
    for workflow in workflows:
        if workflow.name in found:
            raise errors.NotConfigured(f"Two workflows are named {workflow.name!r}.")
        found[workflow.name] = workflow
    if not found:
        raise errors.NotConfigured("A worker needs a workflow to work for.")
    return found


def _common_queue(workflows: Sequence[Workflow]) -> str:
    queues = {workflow.queue for workflow in workflows}
    if len(queues) > 1:
        names = ", ".join(sorted(queues))
        raise errors.NotConfigured(
            f"The workflows are in several queues ({names}): a worker serves one, say "
            "which."
        )
    return queues.pop()


def _steps_of(
    workflows: Sequence[Workflow], queue: str
) -> dict[tuple[str, str], tuple[Workflow, Step]]:
    """The steps that may come: those of the queue, which all need functions."""
    found: dict[tuple[str, str], tuple[Workflow, Step]] = {}
    for workflow in workflows:
        here = [step for step in workflow.steps.values() if step.queue == queue]
        for step in here:
            if step.function is None:
                raise errors.NotConfigured(
                    f"Step {step.name!r} of workflow {workflow.name!r} has no function."
                )
            found[workflow.name, step.name] = workflow, step
        if not here:
            raise errors.NotConfigured(
                f"Workflow {workflow.name!r} has no step in queue {queue!r}."
            )
    return found


def _name() -> str:
    return f"{socket.gethostname()[:60]}-{os.getpid()}-{secrets.token_hex(2)}"
