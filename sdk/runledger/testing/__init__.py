"""Test workflows without a server: ``rehearse`` a run, or give a step a ``context``.

def test_pages_are_published_once_approved() -> None:
    with rehearse(pages, inputs={"title": "Notes"}) as run:
        run.work().assert_waiting("review")
        run.approve("review", by="ada").work()
        run.assert_completed()
"""

from runledger.testing.contexts import TestedContext, context
from runledger.testing.rehearsal import Rehearsal, rehearse
from runledger.testing.seen import Approval, Attempt, Error, Line, Step

__all__ = [
    "Approval",
    "Attempt",
    "Error",
    "Line",
    "Rehearsal",
    "Step",
    "TestedContext",
    "context",
    "rehearse",
]
