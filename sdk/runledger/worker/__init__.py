"""Workflows in Python, and the worker that carries out their steps.

    from runledger.worker import Context, Worker, Workflow

    hello = Workflow("hello")

    @hello.step
    def greet(context: Context) -> str:
        return f"Hello, {context.inputs['name']}!"

    Worker(hello).run()

``runledger worker MODULE`` does the last line by itself. To test a workflow without any
server: ``runledger.testing``.
"""

from runledger.worker.context import Context, Earlier, RunInfo
from runledger.worker.outcomes import Canceled, Permanent, Release, ask_approval
from runledger.worker.policy import Backoff, Policy
from runledger.worker.worker import Worker
from runledger.worker.workflow import Workflow

__all__ = [
    "Backoff",
    "Canceled",
    "Context",
    "Earlier",
    "Permanent",
    "Policy",
    "Release",
    "RunInfo",
    "Worker",
    "Workflow",
    "ask_approval",
]
