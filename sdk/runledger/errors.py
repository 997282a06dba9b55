"""Every error of the client.

RunledgerError            all of them: ``code``, ``status``, ``detail``
├── NotConfigured           nothing says where the service is
├── Unreachable             no answer came; a command may be sent again, see ``key``
├── Invalid                 the request does not fit (400, 413, 422)
├── Unauthenticated         no valid token (401)
├── Forbidden               the token may not do that (403)
├── NotFound                no such run, workflow, version, step (404)
├── Refused                 the rules do not allow it now (409)
├── StaleVersion            the run has moved on since ``if_match`` (412)
└── ServiceError            the service cannot do it right now (5xx)

``code`` is stable: ``docs/problems.md`` lists them with what to do.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

_PREFIX = "urn:runledger:problem:"


class RunledgerError(Exception):
    """Base of all. ``detail`` says what is wrong and what to do."""

    default: ClassVar[str] = "error"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        status: int = 0,
        members: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.default
        self.status = status
        """HTTP status; 0 where no answer came."""
        self.members = members or {}
        """Whatever else the problem document says."""


class NotConfigured(RunledgerError):
    default = "not-configured"


class Unreachable(RunledgerError):
    default = "unreachable"

    key: str | None = None
    """The command's idempotency key: sent again with it, it is done once."""


class Invalid(RunledgerError):
    default = "invalid"


class Unauthenticated(RunledgerError):
    default = "unauthenticated"


class Forbidden(RunledgerError):
    default = "forbidden"


class NotFound(RunledgerError):
    default = "not-found"


class Refused(RunledgerError):
    default = "refused"


class StaleVersion(RunledgerError):
    default = "stale-version"


class ServiceError(RunledgerError):
    default = "unavailable"


_BY_STATUS: dict[int, type[RunledgerError]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Refused,
    412: StaleVersion,
}


def of_problem(problem: dict[str, Any], status: int = 0) -> RunledgerError:
    """The error that a problem document tells of."""
    members = dict(problem)
    status = int(members.pop("status", status))
    code = str(members.pop("type", "")).removeprefix(_PREFIX)
    detail = members.pop("detail", None) or members.get("title") or f"HTTP {status}"
    members.pop("title", None)
    kind = _BY_STATUS.get(status, ServiceError if status >= 500 else Invalid)
    return kind(str(detail), code=code or None, status=status, members=members)


def of_answer(status: int, body: bytes, url: str) -> RunledgerError:
    """The error of an answer with an error status."""
    try:
        problem = json.loads(body)
    except ValueError:
        problem = None
    if isinstance(problem, dict) and "type" in problem:
        return of_problem(problem, status)
    detail = f"{url} answered {status} and no problem document: is it Runledger?"
    return of_problem({"detail": detail}, status)
