"""Rows to the JSON that ``jsonb_populate_recordset`` takes apart.

One parameter for all rows of a statement: PostgreSQL turns each member into its
column's type, which costs less than building an array per column here would.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from projections.read_model import Row

# An even number of backslashes before it: then it is not the text "\u0000" itself.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def encode(rows: Sequence[Row]) -> str:
    """The rows as a JSON array.

    Raises:
        TypeError: a value is of a kind that JSON has no place for.
    """
    text = orjson.dumps(rows, _plain)
    if rb"\u0000" in text:
        # A run's outputs may hold NUL, PostgreSQL's text cannot. The log has the truth.
        text = _NUL.sub(rb"\1\\ufffd", text)
    return text.decode()


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.__dict__
    raise TypeError(f"{type(value).__name__} has no place in a row")
