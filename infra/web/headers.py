"""Headers that answers carry, as ASGI wants them, and how requests' are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Raw = tuple[bytes, bytes]

JSON: Raw = (b"content-type", b"application/json")
PROBLEM: Raw = (b"content-type", b"application/problem+json")

COMMON: tuple[Raw, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-site"),
)
"""On every answer, pages and files too."""

NO_STORE: Raw = (b"cache-control", b"no-store")

API: tuple[Raw, ...] = (
    *COMMON,
    NO_STORE,
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
"""On every answer that is data: never cached, never rendered as a page."""


def raw(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> list[Raw]:
    pairs = headers.items() if hasattr(headers, "items") else headers
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in pairs]


def cookie(header: bytes | None, name: str) -> str | None:
    """The value of one cookie of a request."""
    if header is None:
        return None
    for part in header.decode("latin-1").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return None
