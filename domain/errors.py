"""Every error of the rules.

RunledgerError
├── Refused              the rules do not allow it (kept in the table of refusals)
│   ├── RunOver            the run is final
│   ├── RunHeld            an operator holds the run
│   ├── RunObserved        it ran elsewhere: nothing here steers it
│   ├── RunExists          there is a run of that id
│   ├── RunNotOver         only a finished run is retried
│   ├── WrongState         the run or step is not in a state that allows it
│   ├── NotYourJob         the lease is not of that attempt, or not the caller's
│   ├── NotAnApprover      the policy does not let this person decide
│   ├── FormInvalid        what was filled in does not fit the policy's form
│   ├── InputsInvalid      the inputs do not fit the workflow's schema
│   ├── SchemaInvalid      a schema that a workflow declares is none
│   ├── UnsafeToRepeat     steps would run again that are not safe to, not accepted
│   ├── StaleDecision      the subject is no longer the one that was shown
│   ├── RetryOpen          a retry of this run is still going on
│   ├── NotRetriable       the retry asked for cannot be made
│   ├── BulkListChanged    the runs of a bulk operation are not those of its preview
│   └── BulkEmpty          there are none
├── NotFound             no such run, workflow, version, step or bulk operation
│   ├── UnknownRun
│   ├── UnknownWorkflow
│   ├── UnknownStep
│   └── UnknownBulk
├── Conflict             somebody else was first
│   ├── StaleVersion       If-Match names another version
│   └── KeyReused          the idempotency key was used for another command
├── BrokenHistory        an event that cannot have happened to its run
├── TooLarge             an event or content is over its limit
└── Unavailable          the store cannot be reached; nothing was done, or it will
                         show on the same key
"""

from __future__ import annotations

from typing import ClassVar


class RunledgerError(Exception):
    """Base of all. ``code`` is stable and documented; the message is for people."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        """Further members of the problem document."""


class Refused(RunledgerError):
    code: ClassVar[str] = "refused"


class RunOver(Refused):
    code: ClassVar[str] = "run-over"


class RunHeld(Refused):
    code: ClassVar[str] = "run-held"


class RunObserved(Refused):
    code: ClassVar[str] = "run-observed"


class RunExists(Refused):
    code: ClassVar[str] = "run-exists"


class RunNotOver(Refused):
    code: ClassVar[str] = "run-not-over"


class WrongState(Refused):
    code: ClassVar[str] = "wrong-state"


class NotYourJob(Refused):
    code: ClassVar[str] = "not-your-job"


class NotAnApprover(Refused):
    code: ClassVar[str] = "not-an-approver"


class FormInvalid(Refused):
    code: ClassVar[str] = "form-invalid"


class InputsInvalid(Refused):
    code: ClassVar[str] = "inputs-invalid"


class SchemaInvalid(Refused):
    code: ClassVar[str] = "schema-invalid"


class UnsafeToRepeat(Refused):
    code: ClassVar[str] = "unsafe-to-repeat"


class StaleDecision(Refused):
    code: ClassVar[str] = "stale-decision"


class RetryOpen(Refused):
    code: ClassVar[str] = "retry-open"


class NotRetriable(Refused):
    code: ClassVar[str] = "not-retriable"


class BulkListChanged(Refused):
    code: ClassVar[str] = "bulk-list-changed"


class BulkEmpty(Refused):
    code: ClassVar[str] = "bulk-empty"


class NotFound(RunledgerError):
    code: ClassVar[str] = "not-found"


class UnknownRun(NotFound):
    code: ClassVar[str] = "unknown-run"


class UnknownWorkflow(NotFound):
    code: ClassVar[str] = "unknown-workflow"


class UnknownStep(NotFound):
    code: ClassVar[str] = "unknown-step"


class UnknownBulk(NotFound):
    code: ClassVar[str] = "unknown-bulk"


class Conflict(RunledgerError):
    code: ClassVar[str] = "conflict"


class StaleVersion(Conflict):
    code: ClassVar[str] = "stale-version"


class KeyReused(Conflict):
    code: ClassVar[str] = "idempotency-key-reused"


class BrokenHistory(RunledgerError):
    code: ClassVar[str] = "broken-history"


class TooLarge(RunledgerError):
    code: ClassVar[str] = "too-large"


class Unavailable(RunledgerError):
    code: ClassVar[str] = "unavailable"
