"""What a benchmark finds, and how it is shown."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured value beside the bare limit measured in the same run."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    """The same work without Runledger; None where there is none to compare with."""
    limit_is: str = ""
    goal: str = ""
    met: bool | None = None

    @property
    def ratio(self) -> float | None:
        """value / limit: for rates more is better, for times less is."""
        return self.value / self.limit if self.limit else None


def at_least(
    name: str,
    value: float,
    unit: str,
    *,
    goal: float | None = None,
    ratio_goal: float | None = None,
    limit: float | None = None,
    limit_is: str = "",
) -> Figure:
    """A rate, with what it should reach: itself, or as a ratio to its limit."""
    goals, met = [], []
    if goal is not None:
        goals.append(f"≥ {goal:,.0f}")
        met.append(value >= goal)
    if ratio_goal is not None and limit:
        goals.append(f"≥ {ratio_goal:g} × limit")
        met.append(value >= ratio_goal * limit)
    return Figure(
        name,
        value,
        unit,
        limit,
        limit_is,
        " and ".join(goals),
        all(met) if met else None,
    )


def at_most(
    name: str,
    value: float,
    unit: str,
    *,
    goal: float | None = None,
    limit: float | None = None,
    limit_is: str = "",
) -> Figure:
    """A time, with what it should not exceed."""
    return Figure(
        name,
        value,
        unit,
        limit,
        limit_is,
        f"≤ {goal:g}" if goal is not None else "",
        value <= goal if goal is not None else None,
    )


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"


def row(figure: Figure) -> str:
    """One line of the table."""
    verdict = {None: "", True: "✓", False: "✗ missed"}[figure.met]
    return (
        f"{figure.name:<52} {_number(figure.value):>10} {figure.unit:<11}"
        f"{_number(figure.limit):>10} {_number(figure.ratio):>7}  "
        f"{figure.goal:<22} {verdict:<9} {figure.limit_is}".rstrip()
    )


def heading() -> str:
    return (
        f"{'what':<52} {'value':>10} {'unit':<11}{'limit':>10} {'ratio':>7}  "
        f"{'goal':<22} {'':<9} the limit is"
    )


def write(figures: Iterable[Figure], file: Path) -> None:
    """The figures as a JSON list, for machines."""
    rows = [{**asdict(figure), "ratio": figure.ratio} for figure in figures]
    file.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
