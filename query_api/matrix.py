"""The matrix of a workflow: runs as columns, steps as rows, one character per cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from infra.sql import load
from infra.web.operations import Reply
from query_api.freshness import stale
from query_api.parameters import Fresh, Number, WorkflowPath
from query_api.reading import SQL_FOLDER
from query_api.shapes import seconds
from query_api.sources import sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import LiteralString

    from domain.workflow.definition import StepDefinition, WorkflowDefinition
    from infra.web.operations import Call

SQL = load(SQL_FOLDER / "matrix.sql")

Row = dict[str, Any]

LAST = 2**62
MAX_NUMBERS = 200


class MatrixQuery(Fresh):
    runs: int = Field(default=25, ge=1, le=1_000)
    """How many columns."""
    detail: Literal["all", "cells"] = "all"
    """``cells``: without durations and attempts, which are the most of a wide one."""
    number: list[Number] = Field(default=[], max_length=MAX_NUMBERS)
    """Only these runs; ``runs`` says nothing then. May stand more than once."""
    before: Number | None = None
    """Only runs of a lower number: the member ``next`` of the answer before."""
    version: Number | None = None
    """Only runs of this version of the workflow."""


async def show_matrix(call: Call) -> Reply:
    path, query = call.path_as(WorkflowPath), call.query_as(MatrixQuery)
    found = sources(call)
    is_stale = await stale(found.waiting, query)
    most = len(query.number) or query.runs
    page = await found.reading.page(
        _statement(query),
        {
            "namespace": path.ns,
            "workflow": path.name,
            "before": query.before or LAST,
            "number": query.number,
            "version": query.version,
            "runs": most + 1,
        },
    )
    shown = page.rows[:most]
    versions = {row["workflow_version"] for row in shown}
    if not versions:
        versions = {query.version or await found.definitions.newest(path.ns, path.name)}
    definitions = await found.definitions.all(path.ns, path.name, versions)
    steps = rows_of(definitions, shown)
    names = [step["name"] for step in steps]
    return Reply.json(
        {
            "workflow": path.name,
            "steps": steps,
            "runs": columns(shown, names, definitions),
            "next": shown[-1]["number"] if len(page.rows) > most else None,
            "position": page.position,
            "stale": is_stale,
            "degraded": [row["run_id"] for row in shown if row["degraded"]],
        }
    )


def _statement(query: MatrixQuery) -> LiteralString:
    parts = [SQL["columns"]]
    if query.detail == "all":
        parts.append(SQL["columns_details"])
    parts.append(SQL["matrix"])
    if query.number:
        parts.append(SQL["matrix_numbered"])
    if query.version is not None:
        parts.append(SQL["matrix_of_version"])
    parts.append(SQL["matrix_order"])
    return "\n".join(parts)


def rows_of(
    definitions: Mapping[int, WorkflowDefinition], runs: Iterable[Row]
) -> list[Row]:
    """The steps of all these versions, as the newest orders them; a step that only
    older ones have stands after the one that stood before it there.
    """
    newest_first = sorted(definitions, reverse=True)
    orders = dict.fromkeys(_order(definitions[version]) for version in newest_first)
    # Observed runs whose graph is unknown bring their steps along.
    orders |= dict.fromkeys(
        tuple(row["steps"]) for row in runs if row["steps"] is not None
    )
    defined: dict[str, StepDefinition] = {}
    for version in sorted(definitions):
        defined |= definitions[version].by_name
    return [
        {
            "name": name,
            "kind": defined[name].kind if name in defined else "task",
            "needs": list(defined[name].needs) if name in defined else [],
        }
        for name in merged(orders)
    ]


def merged(orders: Iterable[Sequence[str]]) -> list[str]:
    """One order of all names: the first one's, each extra after its predecessor."""
    found: list[str] = []
    known: set[str] = set()
    for order in orders:
        place = 0
        for name in order:
            if place < len(found) and found[place] == name:
                place += 1  # the usual case: no search
            elif name in known:
                place = found.index(name) + 1
            else:
                found.insert(place, name)
                known.add(name)
                place += 1
    return found


def columns(
    runs: Iterable[Row],
    names: Sequence[str],
    definitions: Mapping[int, WorkflowDefinition],
) -> list[Row]:
    """A column per run, its cells in the order of ``names``."""
    places: dict[tuple[str, ...], list[int] | None] = {}
    orders = {version: _order(one) for version, one in definitions.items()}
    found = []
    for row in runs:
        own = row["steps"]
        order = tuple(own) if own is not None else orders[row["workflow_version"]]
        if order not in places:
            places[order] = _places(order, names)
        found.append(_column(row, places[order]))
    return found


def _order(definition: WorkflowDefinition) -> tuple[str, ...]:
    return tuple([step.name for step in definition.steps])


def _places(order: tuple[str, ...], names: Sequence[str]) -> list[int] | None:
    """Where in a run's cells each of ``names`` is, -1 where it is not; None: as is."""
    if order == tuple(names):
        return None
    index = {name: place for place, name in enumerate(order)}
    return [index.get(name, -1) for name in names]


def _column(row: Row, places: list[int] | None) -> Row:
    return {
        "run_id": row["run_id"],
        "number": row["number"],
        "version": row["workflow_version"],
        "state": row["state"],
        "created_at": row["created_at"],
        "duration_s": seconds(row["duration_us"]),
        "retry_of": row["retry_of"],
        "cells": _placed(row["cells"], places),
        "flags": _placed(row["flags"], places),
        **_details(row, places),
        "degraded": row["degraded"],
    }


def _placed(characters: str, places: list[int] | None) -> str:
    if places is None:
        return characters
    return "".join([" " if at < 0 else characters[at] for at in places])


def _details(row: Row, places: list[int] | None) -> Row:
    """Nothing of what was not asked for."""
    if "durations" not in row:
        return {"durations": None, "attempts": None}
    durations = [None if us is None else us / 1e6 for us in row["durations"]]
    attempts = row["attempts"]
    if places is not None:
        durations = [None if at < 0 else durations[at] for at in places]
        attempts = [0 if at < 0 else attempts[at] for at in places]
    return {"durations": durations, "attempts": attempts}
