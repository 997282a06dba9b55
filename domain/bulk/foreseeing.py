"""What would become of an item, as far as its row in the read tables tells.

For the preview: the rules themselves decide when the item's turn comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.bulk.commands import CancelRuns, RedoSteps, RetryRuns
from domain.run.state import FINAL, RunState

if TYPE_CHECKING:
    from collections.abc import Set

    from domain.bulk.commands import BulkCommand
    from domain.bulk.items import Result


class Seen(NamedTuple):
    """A run as the read tables have it. ``state`` None: they have no such run."""

    state: str | None
    observed: bool = False
    retry_state: str | None = None
    """Of the last retry of it."""
    asks: bool = False
    """One of its steps waits for people."""
    approvers: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class Foreseen(NamedTuple):
    result: Result
    code: str = ""
    why: str = ""


DONE = Foreseen("done")


def foresee(command: BulkCommand, seen: Seen, actor: str, groups: Set[str]) -> Foreseen:
    """Whether it would be refused at once, and why."""
    if seen.state is None:
        return Foreseen("not_found", "unknown-run", "there is no such run")
    if seen.observed:
        return _refused("run-observed", "it ran elsewhere and is only observed here")
    state = RunState(seen.state)
    match command:
        case CancelRuns() if state is RunState.CANCELED:
            return Foreseen("nothing", why="it is canceled already")
        case RetryRuns():
            return _retry(command, seen, state)
        case CancelRuns() | RedoSteps():
            return _over(state) if state in FINAL else DONE
        case _:
            return _decision(seen, state, actor, groups)


def _retry(command: RetryRuns, seen: Seen, state: RunState) -> Foreseen:
    if state not in FINAL:
        return _refused("run-not-over", f"it is not over, it is {_words(state)}")
    if seen.retry_state is not None and RunState(seen.retry_state) not in FINAL:
        return _refused("retry-open", "a retry of it still goes on")
    if command.retry_from == "failed" and state is RunState.COMPLETED:
        return _refused("not-retriable", "it completed: nothing in it failed")
    return DONE


def _decision(seen: Seen, state: RunState, actor: str, groups: Set[str]) -> Foreseen:
    if state in FINAL:
        return _over(state)
    if not seen.asks:
        return _refused("wrong-state", "nothing in it waits for people")
    named = seen.approvers or seen.groups
    if named and actor not in seen.approvers and groups.isdisjoint(seen.groups):
        return _refused("not-an-approver", f"its policy does not name {actor}")
    return DONE


def _over(state: RunState) -> Foreseen:
    return _refused("run-over", f"it is over: {_words(state)}")


def _refused(code: str, why: str) -> Foreseen:
    return Foreseen("refused", code, why)


def _words(state: RunState) -> str:
    return state.value.replace("_", " ")
