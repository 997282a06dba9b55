"""What the rules make of a command: events, or a refusal. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.events import By, Event
    from domain.run.commands import RetryRun, RunCommand
    from domain.run.context import Context, RetryContext
    from domain.run.state import Run


def decide(run: Run, command: RunCommand, context: Context) -> list[Event]:
    """The events that the command leads to; none where all is as it asks for already.

    A run that is to be opened comes as ``Run(definition)``, version 0. All events of
    one decision share the envelope ``told_by(command, context.by)``.

    Raises:
        Refused: the rules do not allow it.
        NotFound: there is no such run or step.
    """
    raise NotImplementedError


def decide_all(
    run: Run, commands: Sequence[RunCommand], context: Context
) -> list[tuple[Event, By]]:
    """One decision after the other, each on top of the one before; all or nothing.

    An ``ObserveRun`` that brings nothing new stands for all that follows it: the
    same import again is recognised as a whole.
    """
    raise NotImplementedError


def decide_retry(
    old: Run, command: RetryRun, context: RetryContext
) -> tuple[list[Event], list[Event]]:
    """The events of the new run, and those of the old one.

    Raises:
        RunNotOver: the old run still goes on.
        RetryOpen: a retry of it still goes on.
        NotRetriable: nothing is left to run, or not in that version.
        RunObserved: it ran elsewhere.
    """
    raise NotImplementedError
