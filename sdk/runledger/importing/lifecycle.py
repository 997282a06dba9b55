"""The standard XES lifecycle as commands: total, one command for each entry.

The source is right: nothing is refused and nothing made up. What an entry says is
recorded as a change of its step where the step can follow, and otherwise noted, so
that every entry is in the run's history. ``docs/importing.md`` has the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from runledger.importing.observed import one_line

if TYPE_CHECKING:
    from runledger.importing.observed import Command

Place = Literal["new", "queued", "running", "ended"]
"""What a trace has told of a step so far."""

TRANSITIONS = (
    "schedule",
    "assign",
    "reassign",
    "start",
    "suspend",
    "resume",
    "complete",
    "autoskip",
    "manualskip",
    "withdraw",
    "ate_abort",
    "pi_abort",
)
"""The transitions of the standard."""

COMPLETE = "complete"
"""What an entry without a lifecycle says."""

_GIVEN_UP = {
    "autoskip": "skipped by the system",
    "manualskip": "skipped by a person",
    "withdraw": "withdrawn",
    "pi_abort": "the whole process instance was aborted",
}


class Steps:
    """The steps of one trace: takes its entries in order, gives their commands."""

    def __init__(self, rejecting: frozenset[str] = frozenset()) -> None:
        self._places: dict[str, Place] = {}
        self._rejecting = rejecting
        self.completed: set[str] = set()
        """The steps that were completed or rejected at least once."""
        self.aborted = False
        """The source said that the whole run was aborted."""

    def command(self, step: str, transition: str) -> Command:
        """What the entry says: without time and actor, which the caller knows."""
        place = self._places.get(step, "new")
        match transition.lower():
            case "schedule" if place != "running":
                self._places[step] = "queued"
                return {"type": "queue_step", "step": step}
            case "start" if place != "running":
                self._places[step] = "running"
                return {"type": "start_step", "step": step}
            case "complete":
                self._places[step] = "ended"
                self.completed.add(step)
                if step in self._rejecting:
                    return {"type": "reject", "step": step}
                return {"type": "complete_step", "step": step}
            case "ate_abort":
                self._places[step] = "ended"
                error = {"type": "ate_abort", "message": "The activity was aborted."}
                return {
                    "type": "fail_step",
                    "step": step,
                    "error": error,
                    "retryable": False,
                }
            case "autoskip" | "manualskip" | "withdraw" | "pi_abort" as given_up:
                self._places[step] = "ended"
                self.aborted |= given_up == "pi_abort"
                return {
                    "type": "cancel_step",
                    "step": step,
                    "reason": _GIVEN_UP[given_up],
                }
            case "schedule" | "start" as again:
                return _note(step, again, "the step was running already")
            case "assign" | "reassign" | "suspend" | "resume" as known:
                return _note(step, known)
            case _:
                return _note(step, transition, "not in the standard lifecycle")


def _note(step: str, transition: str, note: str = "") -> Command:
    said: Command = {
        "type": "note_step",
        "step": step,
        "transition": one_line(transition),
    }
    if note:
        said["note"] = note
    return said
