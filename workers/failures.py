"""Errors as the one sentence that a person at a terminal gets to read."""

from __future__ import annotations

from pydantic import ValidationError

SAID_FOR_PEOPLE = {
    "domain.errors.RunledgerError",
    "infra.local.errors.StackError",
}
"""Bases of errors whose message is such a sentence already. By name: a command
that never touches a library does not wait for its import."""

OPERATIONAL = {
    "psycopg.Error": "PostgreSQL",
    "kafka.errors.KafkaError": "Kafka",
    "builtins.OSError": "The system",
}
"""Bases of errors that tell of the world around, not of a mistake of ours."""


def sentence(error: Exception) -> str:
    """What happened and, where it can be said, what to do."""
    if isinstance(error, ValidationError) and error.title == "Settings":
        return "; ".join(
            f"RUNLEDGER_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}"
            for one in error.errors()
        )
    said = " ".join(str(error).split())
    for name in map(_full_name, type(error).__mro__):
        if name in SAID_FOR_PEOPLE:
            return said
        if name in OPERATIONAL:
            return f"{OPERATIONAL[name]} says: {said or type(error).__name__}"
    return (
        f"Unexpected {type(error).__name__}: {said} "
        "(runledger-server --debug shows where)."
    )


def _full_name(kind: type) -> str:
    # psycopg's classes name the package that shows them, not their module.
    return f"{kind.__module__}.{kind.__qualname__}"
