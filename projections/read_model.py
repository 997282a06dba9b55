"""What a read model is: a module that makes rows, and a file of SQL beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, Protocol

from infra import sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from projections.batch import Batch

SQL = Path(__file__).with_name("sql")

Row = dict[str, Any]
"""Column -> value. A column that is left out is null. Anything that orjson knows is
fine, pydantic models too: the row travels as JSON to the column's own type."""


class ReadModel(Protocol):
    """A module of this package. Its table and its SQL file have its name."""

    NAME: str

    def rows(self, batch: Batch) -> Sequence[Row]:
        """The rows to write, at most one per primary key.

        Pure: a batch may be asked twice. An error here parks the run, so it may
        raise on nothing but what it cannot understand.
        """


@dataclass(frozen=True)
class Table:
    """A read model with its statements.

    ``create`` and ``upsert`` are needed; ``index`` is what is made only after a
    rebuild has loaded the table; ``compare`` selects what two generations must have
    in common, by default everything. Tables are named without a schema.
    """

    model: ReadModel
    folder: Path = SQL

    @property
    def name(self) -> str:
        return self.model.NAME

    @cached_property
    def statements(self) -> dict[str, LiteralString]:
        return sql.load(self.folder / f"{self.name}.sql")

    @cached_property
    def upsert(self) -> LiteralString:
        return self.statements["upsert"]
