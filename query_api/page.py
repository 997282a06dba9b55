"""What stands at / as long as no dashboard is built: what there is, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.web.operations import Answer, Operation, Reply

if TYPE_CHECKING:
    from infra.web.operations import Call

PAGE = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Runledger</title>
<h1>Runledger</h1>
<p>This is the query API; the dashboard is not built here.</p>
<ul>
<li><a href="/openapi.json">What may be asked</a> (OpenAPI)</li>
<li><a href="/asyncapi.json">What Kafka carries</a> (AsyncAPI)</li>
<li><a href="/health/ready">How it does</a></li>
</ul>
<p>Ask with a token:
<code>curl -H "Authorization: Bearer rl_..." http://.../v1/default/runs</code></p>
</html>
"""

HTML = (b"content-type", b"text/html; charset=utf-8")


async def show_page(call: Call) -> Reply:
    return Reply(PAGE, content_type=HTML)


OPERATION = Operation(
    "GET",
    "/",
    show_page,
    "A page for people",
    action=None,
    tag="service",
    answers={200: Answer(description="HTML.", content_type="text/html")},
)
