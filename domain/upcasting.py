"""Old shapes of events brought to today's, one step of a version at a time.

A step is a pure function from the stored fields of version *n* to those of *n* + 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Fields = dict[str, Any]

UPCASTERS: dict[tuple[str, int], Callable[[Fields], Fields]] = {}
"""By topic and the version that a step starts from. Empty: all are at version 1."""


def upcast(
    topic: str,
    fields: Fields,
    upcasters: Mapping[tuple[str, int], Callable[[Fields], Fields]] = UPCASTERS,
) -> Fields:
    """The fields as the newest version has them, without ``class_version``."""
    version = fields.get("class_version", 1)
    fields = {name: value for name, value in fields.items() if name != "class_version"}
    while (step := upcasters.get((topic, version))) is not None:
        fields = step(fields)
        version += 1
    return fields
