"""Mapping files: how the runs of a log ended, which the log itself does not tell."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from runledger.importing.observed import Unreadable, step_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

Ending = Literal["completed", "failed", "canceled"]


class Rule(BaseModel):
    """A run in which this activity was completed ended like this."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    activity: str
    run: Ending
    step: Literal["completed", "rejected"] = "completed"
    """What became of the activity's own step."""
    reason: str = ""

    @property
    def step_name(self) -> str:
        return step_name(self.activity)


class Mapping(BaseModel):
    """A whole mapping file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    log: str = ""
    """The log's own ``concept:name``: a log of that name takes this mapping."""
    workflow: str = ""
    description: str = ""
    otherwise: Literal["open", "completed"] = "open"
    """How a run ended in which no rule's activity is present."""
    outcomes: tuple[Rule, ...] = ()
    """The first one whose activity is present decides."""

    @property
    def rejecting(self) -> frozenset[str]:
        return frozenset(r.step_name for r in self.outcomes if r.step == "rejected")

    def rule(self, completed: Set[str]) -> Rule | None:
        """What decides over a run with these steps completed."""
        return next((r for r in self.outcomes if r.step_name in completed), None)


def load(name: str) -> Mapping:
    """A mapping by the path of its file, or by the name of a shipped one.

    Raises:
        Unreadable: there is none, or it is not what a mapping file has to be.
    """
    path = Path(name)
    if path.suffix == ".toml" or path.exists():
        try:
            return _parse(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise Unreadable(f"cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise Unreadable("is not UTF-8 text", advice="save it as UTF-8") from error
    for shipped, mapping in _shipped():
        if shipped == name:
            return mapping
    known = ", ".join(shipped for shipped, _ in _shipped())
    raise Unreadable(
        "is no mapping", advice=f"name a .toml file or a shipped one ({known})"
    )


def matching(log: str | None) -> tuple[str, Mapping] | None:
    """The shipped mapping made for the log of that name."""
    found = ((name, m) for name, m in _shipped() if log and m.log == log)
    return next(found, None)


def _shipped() -> Iterator[tuple[str, Mapping]]:
    folder = resources.files("runledger.importing") / "mappings"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            yield file.name.removesuffix(".toml"), _parse(file.read_text("utf-8"))


def _parse(text: str) -> Mapping:
    try:
        return Mapping.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(f"is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Unreadable(f"{field}: {first['msg']}") from error
