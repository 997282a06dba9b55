"""The dashboard: its page at every address that is none of the API's, and its files.

What ``infra/bin/dashboard`` has built is read once, and again when it is built anew.
Only files that lie there are known, by name: no address leads anywhere else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Match, NoMatchFound

from infra.web.compression import GZIP, VARY, accepts_gzip
from infra.web.headers import COMMON
from query_api import index

if TYPE_CHECKING:
    from starlette.datastructures import URLPath
    from starlette.types import Receive, Scope, Send

    from infra.settings import Settings
    from infra.web.headers import Raw

DIST = Path(__file__).with_name("dashboard") / "dist"

OF_THE_API = ("v1", "openapi.json", "asyncapi.json", "health")
"""First parts of addresses at which no page stands, whatever a browser accepts."""

HTML = b"text/html; charset=utf-8"

TYPES = {
    ".css": b"text/css; charset=utf-8",
    ".ico": b"image/x-icon",
    ".js": b"text/javascript; charset=utf-8",
    ".json": b"application/json",
    ".map": b"application/json",
    ".png": b"image/png",
    ".svg": b"image/svg+xml",
    ".txt": b"text/plain; charset=utf-8",
    ".woff2": b"font/woff2",
}


@dataclass(frozen=True)
class File:
    """One file as it is sent."""

    content_type: bytes
    body: bytes
    compressed: bytes | None
    cached: bytes

    @classmethod
    def read(cls, path: Path, cached: bytes) -> File:
        twin = path.with_name(f"{path.name}.gz")
        return cls(
            TYPES.get(path.suffix, b"application/octet-stream"),
            path.read_bytes(),
            twin.read_bytes() if twin.exists() else None,
            cached,
        )


@dataclass(frozen=True)
class Built:
    """One build of the dashboard."""

    page: bytes
    etag: bytes
    files: dict[str, File] = field(default_factory=dict)
    """By address."""

    @classmethod
    def of(cls, page: bytes, files: dict[str, File]) -> Built:
        return cls(
            page, b'"%s"' % hashlib.sha256(page).hexdigest()[:20].encode(), files
        )


def read(dist: Path, settings: Settings) -> Built:
    """What lies in ``dist``, its page with what it must know of this service."""
    page = index.filled((dist / "index.html").read_text("utf-8"), settings)
    files = {
        f"/assets/{path.name}": File.read(path, b"public, max-age=31536000, immutable")
        for path in dist.joinpath("assets").glob("*")
        if path.is_file() and path.suffix != ".gz"
    }
    for path in dist.glob("favicon.*"):
        files[f"/{path.name}"] = File.read(path, b"public, max-age=3600")
    return Built.of(page.encode(), files)


class Dashboard(BaseRoute):
    """A route for what is left when the operations have been looked through."""

    def __init__(self, settings: Settings, dist: Path = DIST) -> None:
        self._settings = settings
        self._dist = dist
        self._page_headers = index.headers(settings)
        self._read: tuple[object, Built] | None = None
        self._not_built = Built.of(index.NOT_BUILT, {})

    def built(self) -> Built:
        """The build that lies there now."""
        try:
            stat = (self._dist / "index.html").stat()
        except OSError:
            return self._not_built
        # A build puts another file there.
        mark = stat.st_ino, stat.st_mtime_ns
        if self._read is None or self._read[0] != mark:
            self._read = mark, read(self._dist, self._settings)
        return self._read[1]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return Match.NONE, {}
        path: str = scope["path"].removeprefix(scope.get("root_path", ""))
        first = path.lstrip("/").partition("/")[0]
        if first == "assets" or path.startswith("/favicon."):
            file = self.built().files.get(path)
            return (Match.NONE, {}) if file is None else (Match.FULL, {"file": file})
        if first in OF_THE_API:
            return Match.NONE, {}
        if path != "/" and b"text/html" not in _header(scope, b"accept"):
            return Match.NONE, {}
        return Match.FULL, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        file: File | None = scope.get("file")
        if file is None:
            await self._send_page(scope, send)
        else:
            await _send_file(file, scope, send)

    async def _send_page(self, scope: Scope, send: Send) -> None:
        built = self.built()
        headers = [(b"etag", built.etag), *self._page_headers]
        if built.etag in _header(scope, b"if-none-match"):
            await _send(scope, send, 304, headers, b"")
            return
        await _send(scope, send, 200, [(b"content-type", HTML), *headers], built.page)

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        raise NoMatchFound(name, dict(path_params))


async def _send_file(file: File, scope: Scope, send: Send) -> None:
    headers: list[Raw] = [
        (b"content-type", file.content_type),
        (b"cache-control", file.cached),
        *COMMON,
    ]
    body = file.body
    if file.compressed is not None:
        headers.append(VARY)
        if accepts_gzip(_header(scope, b"accept-encoding")):
            headers.append(GZIP)
            body = file.compressed
    await _send(scope, send, 200, headers, body)


async def _send(
    scope: Scope, send: Send, status: int, headers: list[Raw], body: bytes
) -> None:
    if status == 200:
        headers = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send(
        {
            "type": "http.response.body",
            "body": b"" if scope["method"] == "HEAD" else body,
        }
    )


def _header(scope: Scope, name: bytes) -> bytes:
    found: bytes = next((value for key, value in scope["headers"] if key == name), b"")
    return found
