"""One command to many runs: bulk operations, as methods of the client.

wanted = {"workflow": "etl", "state": ["failed"]}
preview = client.preview_bulk("retry", wanted)
bulk = client.start_bulk("retry", wanted, digest=preview.digest, reason="disk full")
client.wait_for_bulk(bulk.bulk_id)
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, Unpack
from uuid import UUID

from runledger.errors import NotFound, ServiceError
from runledger.models import (
    BulkAnswer,
    BulkDetail,
    BulkItemList,
    BulkList,
    BulkPreview,
)
from runledger.queries import Queries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from runledger.queries import Fresh, Paged

Json = Any
Members = dict[str, Any]

OVER = frozenset({"completed", "stopped"})
LOOK_S = 0.2


class BulkOperations(Queries):
    """``command``: cancel, retry, approve, reject or redo; with members of its own as a
    mapping with ``type``. ``wanted``: the filter, with the members that ``runs`` has,
    and ``run_ids``."""

    def preview_bulk(
        self, command: str | Mapping[str, Json], wanted: Mapping[str, Json]
    ) -> BulkPreview:
        """What it would be about now. What this client has written is in it, unless its
        ``position`` says otherwise."""
        if self._to_be_seen():
            self.runs(limit=1)  # waits for it
        path = self._transport.scoped("/bulk/preview")
        found = self._transport.post(path, _body(command, wanted))
        return BulkPreview.model_validate(found)

    def start_bulk(
        self,
        command: str | Mapping[str, Json],
        wanted: Mapping[str, Json],
        *,
        digest: str | None = None,
        take_as_is: bool = False,
        reason: str = "",
        key: str | None = None,
    ) -> BulkAnswer:
        """Start it over the list whose preview has this digest.

        Raises:
            Refused: ``bulk-list-changed``, unless ``take_as_is``; ``bulk-empty``.
        """
        body = _body(command, wanted)
        body |= {"reason": reason, "take_as_is": take_as_is}
        if digest is not None:
            body["digest"] = digest
        path = self._transport.scoped("/bulk")
        found = self._transport.post(path, body, key=key)
        return BulkAnswer.model_validate(found)

    def stop_bulk(
        self, bulk_id: UUID | str, *, reason: str = "", key: str | None = None
    ) -> BulkAnswer:
        """Leave what is not done yet as it is."""
        path = self._transport.scoped(f"/bulk/{bulk_id}/stop")
        found = self._transport.post(path, {"reason": reason}, key=key)
        return BulkAnswer.model_validate(found)

    def bulk_operations(
        self,
        *,
        state: Sequence[str] = (),
        command: str | None = None,
        actor: str | None = None,
        **options: Unpack[Paged],
    ) -> BulkList:
        """Newest first."""
        more = {"state": tuple(state), "command": command, "actor": actor}
        return BulkList.model_validate(self._list("/bulk", {**options, **more}))

    def bulk_operation(
        self, bulk_id: UUID | str, **options: Unpack[Fresh]
    ) -> BulkDetail:
        """How far it has come, and why items were refused."""
        return BulkDetail.model_validate(self._list(f"/bulk/{bulk_id}", options))

    def bulk_items(
        self,
        bulk_id: UUID | str,
        *,
        result: Sequence[str] = (),
        **options: Unpack[Paged],
    ) -> BulkItemList:
        """``result``: pending, done, nothing, refused, not_found; any of these."""
        query = {**options, "result": tuple(result)}
        return BulkItemList.model_validate(self._list(f"/bulk/{bulk_id}/items", query))

    def wait_for_bulk(
        self,
        bulk_id: UUID | str,
        *,
        timeout_s: float = 3_600.0,
        progress: Callable[[BulkDetail], None] = lambda _: None,
    ) -> BulkDetail:
        """The operation once it is over; ``progress`` is told how it comes on.

        Raises:
            ServiceError: it was not over in time.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                found = self.bulk_operation(bulk_id)
            except NotFound:
                # Just started, and the read models are behind.
                if time.monotonic() > deadline:
                    raise
            else:
                progress(found)
                if found.state in OVER:
                    return found
            if time.monotonic() > deadline:
                raise ServiceError(
                    f"The bulk operation {bulk_id} was not over in {timeout_s:g} s: it "
                    "goes on (is the process timers running?).",
                    code="unavailable",
                )
            time.sleep(LOOK_S)


def _body(
    command: str | Mapping[str, Json], wanted: Mapping[str, Json]
) -> dict[str, Json]:
    named = {"type": command} if isinstance(command, str) else dict(command)
    return {
        "command": named,
        "filter": {
            name: _plain(value)
            for name, value in wanted.items()
            if value is not None and value != ()
        },
    }


def _plain(value: Json) -> Json:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
