"""Requests over HTTP: errors, retries under one key, positions to read after."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID, uuid4

import httpx2

from runledger import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runledger.connection import Connection

Query = dict[str, Any]

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0
_REMEMBERED = 1_000


class Written:
    """What this client has written, so that it can read it.

    Updates of a dict are atomic enough here: two threads that race remember either.
    """

    def __init__(self) -> None:
        self.position = 0
        self._versions: OrderedDict[str, int] = OrderedDict()

    def note(self, answer: Mapping[str, Any]) -> None:
        """Remember what the answer to a command says, for linked runs too."""
        position = answer.get("position")
        if isinstance(position, int):
            self.position = max(self.position, position)
        run_id, version = answer.get("run_id"), answer.get("version")
        if run_id is not None and isinstance(version, int):
            known = self._versions.pop(str(run_id), 0)
            self._versions[str(run_id)] = max(known, version)
            while len(self._versions) > _REMEMBERED:
                self._versions.popitem(last=False)
        if isinstance(linked := answer.get("linked"), dict):
            self.note(linked)

    def version(self, run_id: UUID | str) -> int | None:
        return self._versions.get(str(run_id))


class Transport:
    """Both APIs of one namespace. Safe to share between threads."""

    def __init__(
        self,
        connection: Connection,
        *,
        timeout_s: float,
        retry_for_s: float,
        http: httpx2.Client | None = None,
    ) -> None:
        self.connection = connection
        self.written = Written()
        self._retry_for_s = retry_for_s
        self._headers = {"Accept": "application/json"}
        if connection.token:
            self._headers["Authorization"] = f"Bearer {connection.token}"
        self.http = http or httpx2.Client(
            timeout=httpx2.Timeout(timeout_s, connect=min(timeout_s, 5.0)),
            limits=httpx2.Limits(max_connections=64),
            # Loopback and service addresses: a proxy of the shell is not for them.
            trust_env=False,
        )

    def close(self) -> None:
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def url(self, api: str, path: str) -> str:
        return api.rstrip("/") + path

    def headers(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        return {**self._headers, **(more or {})}

    def scoped(self, path: str) -> str:
        """A path inside the client's namespace."""
        return f"/v1/{self.connection.namespace}{path}"

    def get(self, path: str, query: Query | None = None) -> Any:
        """The query API's answer.

        Raises:
            RunledgerError: see ``errors``.
        """
        url = self.url(self.connection.query_url, path)
        return self._send("GET", url, params=_parameters(query or {}))

    def post(
        self,
        path: str,
        body: Mapping[str, Any] | bytes,
        *,
        key: str | None = None,
        if_match: int | None = None,
    ) -> Any:
        """The command API's answer. Sent again with the same key if no answer comes.

        Raises:
            RunledgerError: see ``errors``.
        """
        key = key or str(uuid4())
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        if if_match is not None:
            headers["If-Match"] = f'"{if_match}"'
        content = body if isinstance(body, bytes) else _json(body)
        url = self.url(self.connection.command_url, path)
        try:
            answer = self._send("POST", url, content=content, headers=headers)
        except errors.Unreachable as error:
            error.key = key
            raise
        if isinstance(answer, dict):
            self.written.note(answer)
        return answer

    def command_api(self, method: str, path: str) -> Any:
        """What the command API answers to other methods."""
        return self._send(method, self.url(self.connection.command_url, path))

    def _send(
        self,
        method: str,
        url: str,
        *,
        params: Query | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        deadline = time.monotonic() + self._retry_for_s
        pause = _FIRST_PAUSE_S
        while True:
            wait = pause
            try:
                answer = self.http.request(
                    method,
                    url,
                    params=params,
                    content=content,
                    headers=self.headers(headers),
                )
            except httpx2.InvalidURL as error:
                raise errors.NotConfigured(f"{url} is no address: {error}.") from error
            except (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError) as error:
                raise errors.NotConfigured(f"{url}: {error}") from error
            except httpx2.TransportError as error:
                if time.monotonic() + wait > deadline:
                    raise unreachable(url, error) from error
            else:
                if answer.is_success:
                    return answer.json() if answer.content else None
                problem = errors.of_answer(answer.status_code, answer.content, url)
                if problem.code != "unavailable":
                    raise problem
                wait = max(wait, _seconds(answer.headers.get("Retry-After")))
                if time.monotonic() + wait > deadline:
                    raise problem
            time.sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE_S)


def unreachable(url: str, error: Exception) -> errors.Unreachable:
    """No answer: in one sentence that says what to do."""
    parts = httpx2.URL(url)
    said = str(error) or type(error).__name__
    return errors.Unreachable(
        f"{parts.scheme}://{parts.netloc.decode()} does not answer ({said.lower()}): "
        "is the stack up? Start it with infra/bin/up."
    )


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def _parameters(query: Query) -> Query:
    """Without what was not given; truth as JSON writes it."""
    found: Query = {}
    for name, value in query.items():
        if value is None or value == ():
            continue
        found[name] = str(value).lower() if isinstance(value, bool) else value
    return found


def _seconds(retry_after: str | None) -> float:
    return float(retry_after) if retry_after and retry_after.isdigit() else 0.0
