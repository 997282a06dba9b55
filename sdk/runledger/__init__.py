"""Client of Runledger: workflow runs, on the record."""

from runledger.client import Client
from runledger.errors import (
    Forbidden,
    Invalid,
    NotConfigured,
    NotFound,
    Refused,
    RunledgerError,
    ServiceError,
    StaleVersion,
    Unauthenticated,
    Unreachable,
)

__all__ = [
    "Client",
    "Forbidden",
    "Invalid",
    "NotConfigured",
    "NotFound",
    "Refused",
    "RunledgerError",
    "ServiceError",
    "StaleVersion",
    "Unauthenticated",
    "Unreachable",
]
