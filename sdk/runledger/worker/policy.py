"""Who approves, how often to try again: the parts of a declaration."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Schema = type[BaseModel] | dict[str, Any]
"""JSON Schema (2020-12), or a pydantic model that gives one."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Who may decide, how many of them must agree, and by when."""

    approvers: Sequence[str] = ()
    """People by name. Nobody and no group: everybody who holds the role approver."""
    groups: Sequence[str] = ()
    """Their members may decide as well."""
    required: int = 1
    rejections: int = 1
    """How many must disagree for it to be rejected."""
    not_own: bool = False
    """Nobody decides about what they brought about themselves."""
    expires_s: float | None = None
    on_expiry: Literal["reject", "approve"] = "reject"
    remind_s: float | None = None
    form: Schema | None = None
    """What an approval must bring along."""

    def members(self) -> dict[str, Any]:
        """As the service takes it, without what has its default."""
        return unlike_defaults(self, {"form": schema_of(self.form)})


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """How long a failed step waits before it is tried again."""

    first_s: float = 0
    factor: float = 2
    """Each further wait is so much longer than the one before."""
    most_s: float = 3_600

    def members(self) -> dict[str, Any]:
        return unlike_defaults(self)


def unlike_defaults(
    declared: Policy | Backoff, instead: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The members of a declaration that say something."""
    found: dict[str, Any] = {}
    for field in fields(declared):
        value = getattr(declared, field.name)
        if value != field.default:
            value = (instead or {}).get(field.name, value)
            found[field.name] = list(value) if isinstance(value, tuple) else value
    return found


def schema_of(schema: Schema | None) -> dict[str, Any] | None:
    if isinstance(schema, type):
        return schema.model_json_schema()
    return schema


def on_reject_of(said: str | None) -> dict[str, Any] | None:
    """``fail``, ``cancel``, ``redo`` or ``redo:STEP`` as the service takes it."""
    if said is None:
        return None
    action, _, step = said.partition(":")
    if action not in ("fail", "cancel", "redo") or (step and action != "redo"):
        raise ValueError(
            f"on_reject={said!r}: say 'fail', 'cancel', 'redo' or 'redo:STEP'"
        )
    return {"action": action, "step": step} if step else {"action": action}
