"""What would become of an item, as far as its row in the read tables tells.

For the preview: the rules themselves decide when the item's turn comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.bulk.commands import ApproveSteps, CancelRuns, RedoSteps, RetryRuns
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
    """One of its steps waits for people. What follows is about that question."""
    approvers: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    delegates: tuple[str, ...] = ()
    ineligible: tuple[str, ...] = ()
    """It is their own, they have decided, or they have handed it on."""
    decided: str | None = None
    """What the caller has decided already: approved or rejected."""
    asks_form: bool = False


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
            return _decision(command, seen, state, actor, groups)


def _retry(command: RetryRuns, seen: Seen, state: RunState) -> Foreseen:
    if state not in FINAL:
        return _refused("run-not-over", f"it is not over, it is {_words(state)}")
    if seen.retry_state is not None and RunState(seen.retry_state) not in FINAL:
        return _refused("retry-open", "a retry of it still goes on")
    if command.retry_from == "failed" and state is RunState.COMPLETED:
        return _refused("not-retriable", "it completed: nothing in it failed")
    return DONE


def _decision(
    command: BulkCommand, seen: Seen, state: RunState, actor: str, groups: Set[str]
) -> Foreseen:
    if state in FINAL:
        return _over(state)
    if not seen.asks:
        return _refused("wrong-state", "nothing in it waits for people")
    if seen.decided is not None:
        if (seen.decided == "approved") == isinstance(command, ApproveSteps):
            return Foreseen("nothing", why=f"{actor} has {seen.decided} it already")
        return _refused("wrong-state", f"{actor} has {seen.decided} it already")
    if actor in seen.ineligible:
        why = f"it is {actor}'s own, or somebody decides in their place"
        return _refused("not-an-approver", why)
    named = seen.approvers or seen.groups
    if (
        named
        and actor not in (*seen.approvers, *seen.delegates)
        and groups.isdisjoint(seen.groups)
    ):
        return _refused("not-an-approver", f"its policy does not name {actor}")
    return _form(command, seen) if isinstance(command, ApproveSteps) else DONE


def _form(command: ApproveSteps, seen: Seen) -> Foreseen:
    """Whether it fits is for the rules to say."""
    if seen.asks_form and command.form is None:
        return _refused("form-invalid", "its policy asks for a form to be filled in")
    if not seen.asks_form and command.form is not None:
        return _refused("form-invalid", "its policy asks for no form: leave it out")
    return DONE


def _over(state: RunState) -> Foreseen:
    return _refused("run-over", f"it is over: {_words(state)}")


def _refused(code: str, why: str) -> Foreseen:
    return Foreseen("refused", code, why)


def _words(state: RunState) -> str:
    return state.value.replace("_", " ")
