"""A worker for journeys: each step does what the run's inputs tell it to.

    python -m tests.journeys.hands NAME

``inputs`` maps steps to one of these, or to a list with one for each attempt:
``ok``; ``ask`` for approval; ``fail``, or ``fail:FILE`` once that file is there;
``die`` with the whole process; ``until:FILE``, waiting for a file to appear, or until
told to stop; ``stubborn:FILE``, whatever it is told. A step not named does ``ok``.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runledger.worker import Policy, Worker, Workflow, ask_approval

if TYPE_CHECKING:
    from runledger.worker import Context

LEASE_S = 5

PEOPLE = ("ada", "bob", "eve")


def act(context: Context) -> Any:
    """Carry the step out as planned, and tell what it was given."""
    plan = (context.inputs or {}).get(context.step, "ok")
    if isinstance(plan, list):
        plan = plan[min(context.attempt, len(plan)) - 1]
    kind, _, told = plan.partition(":")
    context.log(f"{context.step} does {plan}")
    match kind:
        case "fail":
            while told and not Path(told).exists():
                time.sleep(0.02)
            raise ValueError("as planned")
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "until" | "stubborn":
            while not Path(told).exists():
                if kind == "until":
                    context.raise_if_canceled()
                time.sleep(0.02)
    done = {
        "step": context.step,
        "iteration": context.iteration,
        "attempt": context.attempt,
        "feedback": context.feedback,
        "given": sorted(context.outputs),
    }
    if kind == "ask":
        return ask_approval(done, summary=f"{context.step}, {context.iteration}")
    return done


chain = Workflow("chain", queue="hands")
chain.step(name="one")(act)
chain.step(name="two", needs=["one"], max_attempts=2, max_losses=0)(act)
chain.step(name="three", needs=["two"], effects="once")(act)

fork = Workflow("fork", queue="hands")
fork.step(name="root")(act)
fork.step(name="left", needs=["root"])(act)
fork.step(name="right", needs=["root"])(act)
fork.step(name="join", needs=["left", "right"])(act)

vote = Workflow("vote", queue="hands")
vote.step(name="draft")(act)
vote.approval(
    "gate", needs=["draft"], policy=Policy(approvers=PEOPLE, required=2, not_own=True)
)
vote.step(name="ship", needs=["gate"], effects="once")(act)

brief = Workflow("brief", queue="hands")
brief.step(name="draft", approval=Policy(approvers=PEOPLE, expires_s=1))(act)

WORKFLOWS = (chain, fork, vote, brief)

if __name__ == "__main__":
    Worker(*WORKFLOWS, name=sys.argv[1], slots=8, lease_s=LEASE_S).run()
