"""Keyset cursors: where a page ended, in one opaque word."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

if TYPE_CHECKING:
    from typing import TypeVar

    K = TypeVar("K", bound="Key")


class Key(BaseModel):
    """The sort key of a page's last row. A subclass per list, with a ``kind``.

    A cursor carries no rights: whatever it says, the statement still asks for the
    namespace. So it is checked for its form alone, and not signed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class BadCursor(Exception):
    """It was not made by this list, or not by us."""


def write(key: Key) -> str:
    return base64.urlsafe_b64encode(key.model_dump_json().encode()).decode().rstrip("=")


def read(kind: type[K], cursor: str) -> K:
    """The key in a cursor.

    Raises:
        BadCursor: see there.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        found: Any = orjson.loads(text)
        return kind.model_validate(found)
    except (binascii.Error, ValueError, ValidationError) as error:
        raise BadCursor(
            "This cursor is not one of this list: take it from the member next of the "
            "answer before, and leave it out for the first page."
        ) from error
