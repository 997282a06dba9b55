"""One command to many runs: what it would be about, starting it, stopping it."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
from psycopg_pool import PoolTimeout

from command_api import bulk_lists, bulk_safety
from command_api.bulk_shapes import (
    BulkAnswer,
    BulkPath,
    BulkPreview,
    ExpectedRefusal,
    NewBulk,
    Preview,
    PreviewItem,
    SafetyCounts,
    Stop,
)
from command_api.carrying_out import KEY_HEADER, NamespacePath, request_of
from command_api.parts import parts
from domain.bulk.commands import (
    MAX_ITEMS,
    RetryRuns,
    StartBulk,
    StopBulk,
)
from domain.bulk.events import BulkStarted
from domain.bulk.items import RESULTS, Result, list_digest, previewed_position
from infra.bulk.operations import Operations
from infra.event_store.catalogue import StoredCatalogue
from infra.web.operations import MIB, Answer, Body, Call, Operation, Reply
from infra.web.problems import FieldError, Problem, invalid

if TYPE_CHECKING:
    from uuid import UUID

    from command_api.bulk_lists import Entry, RunList
    from command_api.bulk_safety import Verdict
    from domain.requests import Answer as Handled

SHOWN = 50
"""Items that a preview shows one by one."""


async def preview_bulk(call: Call) -> Reply:
    path, body = call.path_as(NamespacePath), call.body_as(Preview)
    found = await _list(call, path.ns, body)
    verdicts: dict[UUID, Verdict] = {}
    if isinstance(body.command, RetryRuns):
        here = parts(call)
        verdicts = await bulk_safety.judge(
            here.pool,
            StoredCatalogue(here.log),
            path.ns,
            body.command.retry_from,
            found.entries,
        )
    safety = None
    if isinstance(body.command, RetryRuns):
        safety = SafetyCounts(**bulk_safety.counted(verdicts))
    expected = Counter[Result](each.foreseen.result for each in found.entries)
    why = Counter(
        (each.foreseen.code, each.foreseen.why)
        for each in found.entries
        if each.foreseen.result == "refused"
    )
    return Reply.json(
        BulkPreview(
            total=len(found.entries),
            items=[_shown(each, verdicts) for each in found.entries[:SHOWN]],
            expected={result: expected[result] for result in RESULTS},
            refusals=[
                ExpectedRefusal(code=code, why=said, items=count)
                for (code, said), count in why.most_common()
            ],
            safety=safety,
            digest=list_digest(found.items, found.position),
            position=found.position,
            head=found.head,
        )
    )


def _shown(entry: Entry, verdicts: dict[UUID, Verdict]) -> PreviewItem:
    row, foreseen = entry.row, entry.foreseen
    return PreviewItem(
        run_id=entry.item.run_id,
        workflow=row.get("workflow"),
        number=row.get("number"),
        state=row.get("state"),
        step=row.get("step"),
        iteration=row.get("iteration"),
        subject_digest=row.get("subject_digest"),
        summary=row.get("summary"),
        expected=foreseen.result,
        code=foreseen.code or None,
        why=foreseen.why or None,
        verdict=verdicts.get(entry.item.run_id),
    )


async def start_bulk(call: Call) -> Reply:
    path, body = call.path_as(NamespacePath), call.body_as(NewBulk)
    found = await _list(call, path.ns, body)
    changed: tuple[str, ...] = ()
    if body.digest is not None:
        changed = found.changed_since(previewed_position(body.digest))
    command = StartBulk(
        command=body.command,
        filter=body.filter,
        digest=body.digest,
        take_as_is=body.take_as_is,
        reason=body.reason,
        items=found.items,
        changed=changed,
        groups=tuple(sorted(call.principal.groups)),
    )
    request = request_of(call, path.ns, None, (command,))
    answer = await parts(call).handler.handle(request)
    if not answer.repeated:
        # It is on record; without this hint it starts some seconds later.
        with suppress(psycopg.Error, PoolTimeout):
            await Operations(parts(call).pool).tell()
    key = (b"idempotency-key", (request.key or "").encode())
    return await _told(call, answer, 200 if answer.repeated else 201, key)


async def stop_bulk(call: Call) -> Reply:
    path, body = call.path_as(BulkPath), call.body_as(Stop)
    if call.principal.actions.isdisjoint(("operator", "approver")):
        raise _forbidden(call, "Stopping a bulk operation", "operator or approver")
    request = request_of(call, path.ns, path.bulk_id, (StopBulk(reason=body.reason),))
    answer = await parts(call).handler.handle(request)
    key = (b"idempotency-key", (request.key or "").encode())
    return await _told(call, answer, 200, key)


async def _list(call: Call, namespace: str, body: Preview) -> RunList:
    """The list as it is now, for those who may do that to runs.

    Raises:
        Problem: ``forbidden``, or ``invalid``: the filter leaves everything open.
        TooLarge: more fit than one operation takes.
    """
    command = body.command
    if command.role not in call.principal.actions:
        raise _forbidden(call, f"A bulk {command.type}", command.role)
    if body.filter.empty:
        raise invalid(
            [
                FieldError(
                    pointer="#/filter",
                    detail="Names nothing: say which runs are meant, by workflow, "
                    "state, actor, time or run_ids",
                )
            ]
        )
    if body.filter.step is not None and not command.asks_people:
        raise invalid(
            [
                FieldError(
                    pointer="#/filter/step",
                    detail="Is for approve and reject: whose questions are meant",
                )
            ]
        )
    return await bulk_lists.find(
        parts(call).pool,
        namespace,
        command,
        body.filter,
        actor=call.principal.name,
        groups=call.principal.groups,
    )


def _forbidden(call: Call, what: str, role: str) -> Problem:
    principal = call.principal
    return Problem(
        "forbidden",
        f"{what} takes the role {role}; the token {principal.name!r} has "
        f"{', '.join(sorted(principal.roles))}: use another token.",
    )


async def _told(
    call: Call, answer: Handled, status: int, key: tuple[bytes, bytes]
) -> Reply:
    (first,) = await parts(call).log.stream(answer.run_id, up_to=1)
    assert isinstance(first.event, BulkStarted)
    return Reply.json(
        {
            "bulk_id": answer.run_id,
            "state": answer.state,
            "total": first.event.total,
            "version": answer.version,
            "position": answer.position,
            "repeated": answer.repeated,
        },
        status,
        (
            (b"etag", b'"%d"' % answer.version),
            key,
            (b"runledger-position", b"%d" % answer.position),
            (b"runledger-version", b"%d" % answer.version),
        ),
    )


_HEADERS = {
    "ETag": "The operation's version.",
    "Idempotency-Key": "The key that this command was carried out under.",
    "Runledger-Position": "The log's position that a read model must reach to show it.",
    "Runledger-Version": "The operation's version after the command.",
}

_COMMON = (
    "idempotency-key-reused",
    "conflict",
    "refused",
    "broken-history",
)

_LIMITS = (
    f"At most {MAX_ITEMS:,} items: more are refused as too-large. A cancel, retry or "
    "redo has runs as its items and takes the role operator (redo: approver); an "
    "approve or reject has the open questions of runs and takes the role approver. "
)

OPERATIONS = (
    Operation(
        "POST",
        "/v1/{ns}/bulk/preview",
        preview_bulk,
        "What a bulk operation would be about",
        # Each command has its own role besides.
        action="viewer",
        tag="bulk",
        description=_LIMITS + "Nothing is recorded. The list comes from the read "
        "tables, as of the answer's position.",
        path_model=NamespacePath,
        body=Body(Preview, limit=MIB, required=True),
        answers={200: Answer(BulkPreview, "The list, and what would become of it.")},
        problems=("too-large", "unknown-workflow"),
    ),
    Operation(
        "POST",
        "/v1/{ns}/bulk",
        start_bulk,
        "Start a bulk operation",
        action="viewer",
        tag="bulk",
        description=_LIMITS + "It must be the list of the preview whose digest is "
        "named, unless take_as_is is said. From here on the list is fixed: runs that "
        "fit the filter later are not touched. Each item is a command of its own, in "
        "the caller's name.",
        path_model=NamespacePath,
        headers=(KEY_HEADER,),
        body=Body(NewBulk, limit=MIB, required=True),
        answers={
            201: Answer(
                BulkAnswer, "Recorded; it goes on by itself.", headers=_HEADERS
            ),
            200: Answer(BulkAnswer, "Started before, by the key.", headers=_HEADERS),
        },
        problems=("too-large", "bulk-list-changed", "bulk-empty", *_COMMON),
    ),
    Operation(
        "POST",
        "/v1/{ns}/bulk/{bulk_id}/stop",
        stop_bulk,
        "Stop a bulk operation",
        action="viewer",
        tag="bulk",
        description="What is under way is finished, at most some seconds' worth; the "
        "rest is left as it is. Takes the role operator or approver. Once it has "
        "ended nothing changes.",
        path_model=BulkPath,
        headers=(KEY_HEADER,),
        body=Body(Stop),
        answers={200: Answer(BulkAnswer, "Asked for, or over.", headers=_HEADERS)},
        problems=("unknown-bulk", *_COMMON),
    ),
)
