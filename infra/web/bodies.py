"""Reading a request's body: bounded in size and depth, and only what can be stored."""

from __future__ import annotations

import json
import math
import re
from itertools import accumulate
from typing import TYPE_CHECKING

import orjson

from infra.web.problems import FieldError, Problem, invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.types import Receive

MAX_DEPTH = 64

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)', re.DOTALL)
# Possessive: an unfinished string must not be tried again from each of its quotes.
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
"""Up and down, as signed bytes."""
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_DIGITS = bytes.maketrans(b"123456789", b"000000000")


class Disconnected(Exception):
    """The client went away before its request was whole."""


async def read(receive: Receive, headers: Mapping[bytes, bytes], limit: int) -> bytes:
    """The body as it came.

    Raises:
        Problem: ``too-large``, before more than ``limit`` bytes are kept.
        Disconnected: nobody is there to answer.
    """
    announced = headers.get(b"content-length", b"0")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        return body
    parts: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise Disconnected
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()


def parse(raw: bytes) -> object:
    """The JSON value in ``raw``; an empty body is an empty object.

    Raises:
        Problem: ``malformed`` (no JSON, or deeper than ``MAX_DEPTH``), ``invalid`` (a
            NUL character, which PostgreSQL does not store, or a number that would not
            come back as it was sent).
    """
    if not raw:
        return {}
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _depth_over(raw, MAX_DEPTH):
        raise Problem(
            "malformed",
            f"The body nests deeper than {MAX_DEPTH} levels: flatten it, or send the "
            "value as a string.",
        )
    try:
        value: object = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Problem("malformed", f"The body is not JSON: {error}.") from None
    if b"\\u0000" in raw or b"0" * 19 in raw.translate(_DIGITS):
        # Rare, so it may cost a second parse: orjson makes floats of large integers.
        _check(json.loads(raw, parse_int=_integer))
    return value


def _integer(digits: str) -> int:
    # Python refuses to read very long ones; any that is too large will do.
    return int(digits) if len(digits) < 30 else 2**64


def _check(value: object) -> None:
    found = [
        FieldError(pointer="#" + where, detail=detail)
        for where, detail in _unstorable(value)
    ]
    if found:
        raise invalid(found)


def _unstorable(value: object, where: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case str() if "\0" in value:
            yield where, "Contains a NUL character (\\u0000): remove it"
        case bool():
            pass
        case int() if not -(2**63) <= value < 2**64:
            yield where, "Is over 64 bits: send it as a string"
        case float() if not math.isfinite(value):
            yield where, "Is not a finite number"
        case dict():
            for key, item in value.items():
                name = key.replace("~", "~0").replace("/", "~1")
                if "\0" in key:
                    yield where, "A name contains a NUL character (\\u0000)"
                yield from _unstorable(item, f"{where}/{name}")
        case list():
            for index, item in enumerate(value):
                yield from _unstorable(item, f"{where}/{index}")


def _depth_over(raw: bytes, limit: int) -> bool:
    """Whether brackets nest deeper, strings left out. 30 ns for each bracket."""
    steps = _STRING.sub(b"", raw).translate(_STEPS, _NO_BRACKETS)
    return max(accumulate(memoryview(steps).cast("b")), default=0) > limit


def _too_large(limit: int) -> Problem:
    return Problem(
        "too-large",
        f"The body is over {limit} bytes: send less at once, or keep large outputs "
        "elsewhere and send their address.",
        members={"limit": limit},
    )
