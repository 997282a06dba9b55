"""The dashboard's page itself: what it is told, and all that it may do."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from infra.web.authentication import allowed_origins
from infra.web.headers import COMMON

if TYPE_CHECKING:
    from infra.settings import Settings
    from infra.web.headers import Raw

NOT_BUILT = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Runledger</title>
<h1>Runledger</h1>
<p>This is the query API; its dashboard is not built here. In a checkout,
<code>infra/bin/dashboard</code> builds it: then load this page again.</p>
<ul>
<li><a href="/openapi.json">What may be asked</a> (OpenAPI)</li>
<li><a href="/asyncapi.json">What Kafka carries</a> (AsyncAPI)</li>
<li><a href="/health/ready">How it does</a></li>
</ul>
<p>Ask with a token:
<code>curl -H "Authorization: Bearer rl_..." http://.../v1/default/runs</code></p>
</html>
"""


def filled(page: str, settings: Settings) -> str:
    """The page with the command API's address in its ``meta`` elements.

    Raises:
        ValueError: the page has no such elements.
    """
    told = {
        "command-port": str(settings.command_port),
        "command-url": settings.command_public_url.rstrip("/"),
    }
    for name, content in told.items():
        empty = re.compile(rf'(<meta\s+name="{name}"\s+content=")("\s*/?>)')
        if not empty.search(page):
            raise ValueError(f'The dashboard has no <meta name="{name}" content="">.')
        page = empty.sub(rf"\g<1>{html.escape(content)}\g<2>", page, count=1)
    return page


def command_origins(settings: Settings) -> list[str]:
    """Where pages may send commands to: what is public, else beside the page itself."""
    if settings.command_public_url:
        parts = urlsplit(settings.command_public_url)
        return [f"{parts.scheme}://{parts.netloc}"]
    found = []
    for origin in sorted(allowed_origins(settings)):
        parts = urlsplit(origin)
        host = parts.netloc.removesuffix(f":{parts.port}")
        found.append(f"{parts.scheme}://{host}:{settings.command_port}")
    return found


def headers(settings: Settings) -> tuple[Raw, ...]:
    """What keeps a page to itself: it runs, shows and asks nothing from elsewhere."""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": " ".join(("'self'", *command_origins(settings))),
        "frame-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    told = "; ".join(f"{name} {sources}" for name, sources in policy.items())
    return (
        *COMMON,
        (b"content-security-policy", told.encode()),
        (b"cross-origin-opener-policy", b"same-origin"),
        # Asked for anew each time, since it names the files of its own build.
        (b"cache-control", b"no-cache"),
        (b"vary", b"accept"),
    )
