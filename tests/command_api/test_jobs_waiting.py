"""Long polls at real processes: woken from elsewhere, hung up on, asked to end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, cast

import httpx2
import pytest

from command_api.leasing import HungUp, Leasing, Wish
from infra.access import Access
from infra.jobs.queue import Ask
from infra.local.child import Child
from infra.local.stack import free_ports
from infra.postgres_async import connect, pool
from tests.support.waiting import eventually_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from domain.handling import CommandHandler
    from domain.requests import Done, Request
    from tests.command_api.conftest import Api
    from tests.support.database import Database

pytestmark = pytest.mark.anyio

BUILD = {"name": "build", "steps": [{"name": "compile", "queue": "default"}]}
LEASE = {"workflows": ["build"], "max_jobs": 5, "wait_s": 25}
SOON_S = 4.5
"""Sooner than a poll looks without being told to."""


class Servers:
    """Two processes of the command API on one database."""

    def __init__(self, database: Database, token: str, folder: Path) -> None:
        self.ports = free_ports(2)
        self.children: list[Child] = []
        self._database = database
        self._token = token
        self._folder = folder
        headers = {"Authorization": f"Bearer {token}"}
        self.clients = [
            httpx2.AsyncClient(
                base_url=f"http://127.0.0.1:{port}/v1/main", headers=headers, timeout=30
            )
            for port in self.ports
        ]

    def start(self) -> None:
        url = self._database.url("runledger_command")
        for port in self.ports:
            command = ["serve", "command", "--port", str(port)]
            self.children.append(
                Child(
                    f"command-{port}",
                    [sys.executable, "-m", "workers", *command],
                    environ={**os.environ, "RUNLEDGER_DATABASE_URL": url},
                    log=self._folder / f"command-{port}.log",
                )
            )

    async def ready(self) -> bool:
        try:
            answers = [
                await client.get("../../health/ready") for client in self.clients
            ]
        except httpx2.TransportError:
            return False
        return all(answer.status_code == 200 for answer in answers)

    async def post(self, place: int, path: str, body: object) -> dict[str, Any]:
        answer = await self.clients[place].post(path, json=body)
        assert answer.status_code in (200, 201), answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def lease(self, place: int, worker: str, **more: object) -> list[Any]:
        body = {**LEASE, "worker": worker, **more}
        jobs: list[Any] = (await self.post(place, "jobs/lease", body))["jobs"]
        return jobs

    async def lease_and_hang_up(self, worker: str) -> None:
        """A client that goes away when its request is being served."""
        body = json.dumps({**LEASE, "worker": worker}).encode()
        _, writer = await asyncio.open_connection("127.0.0.1", self.ports[0])
        writer.write(
            b"POST /v1/main/jobs/lease HTTP/1.1\r\nhost: x\r\n"
            b"authorization: Bearer %b\r\ncontent-length: %d\r\n\r\n"
            % (self._token.encode(), len(body))
            + body
        )
        await self.seen(worker)
        writer.close()
        await writer.wait_closed()

    async def seen(self, worker: str) -> None:
        """Wait until this worker's request is being served."""

        async def found() -> bool:
            url = self._database.url()
            async with await connect(url, name="tests", autocommit=True) as session:
                cursor = await session.execute(
                    "SELECT FROM ledger.workers WHERE worker = %s", (worker,)
                )
                return cursor.rowcount > 0

        await eventually_async(found)


@pytest.fixture
async def servers(database: Database, tmp_path: Path) -> AsyncIterator[Servers]:
    url = database.url("runledger_command")
    async with pool(url, name="tests", max_size=1) as sessions:
        _, token = await Access(sessions).create_token(
            namespace="main", name="ada", roles=["admin"], created_by="tests"
        )
    found = Servers(database, token, tmp_path)
    try:
        found.start()
        await eventually_async(found.ready)
        await found.post(0, "workflows", BUILD)
        yield found
    finally:
        for client in found.clients:
            await client.aclose()
        for child in found.children:
            child.kill()


async def test_a_job_queued_through_another_process_wakes_a_poll(
    servers: Servers,
) -> None:
    waiting = asyncio.create_task(servers.lease(0, "w1"))
    await servers.seen("w1")
    run = await servers.post(1, "runs", {"workflow": "build"})
    async with asyncio.timeout(SOON_S):
        (job,) = await waiting
    assert job["run_id"] == run["run_id"]


async def test_polls_at_two_processes_never_get_the_same_job(servers: Servers) -> None:
    polls = [
        asyncio.create_task(servers.lease(n % 2, f"w{n}", max_jobs=1, wait_s=5))
        for n in range(12)
    ]
    for n in range(12):
        await servers.seen(f"w{n}")
    runs = [await servers.post(0, "runs", {"workflow": "build"}) for _ in range(12)]
    got = [job["run_id"] for jobs in await asyncio.gather(*polls) for job in jobs]
    assert sorted(got) == sorted(run["run_id"] for run in runs)


async def test_a_client_that_hangs_up_while_it_waits_leases_nothing(
    servers: Servers,
) -> None:
    await servers.lease_and_hang_up("gone")
    await servers.post(0, "runs", {"workflow": "build"})
    async with asyncio.timeout(SOON_S):
        (job,) = await servers.lease(0, "here")
    assert job["attempt"] == 1, "nobody had it before"


async def test_who_waits_is_answered_when_the_process_is_to_end(
    servers: Servers,
) -> None:
    waiting = asyncio.create_task(servers.lease(0, "w1"))
    await servers.seen("w1")
    child = servers.children[0]
    await asyncio.to_thread(child.stop, 8)
    assert await waiting == []
    assert child.exit_code in (0, -signal.SIGTERM)


class HangsUp:
    """A handler whose client goes away when its jobs are leased, before it is told."""

    def __init__(self, handler: CommandHandler) -> None:
        self._handler = handler
        self._gone = asyncio.Event()

    async def receive(self) -> dict[str, str]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def carry_out_batch(
        self, requests: Sequence[Request]
    ) -> list[Done | Exception]:
        done = await self._handler.carry_out_batch(requests)
        if not self._gone.is_set():
            self._gone.set()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        return done


async def test_a_job_whose_client_hung_up_meanwhile_is_given_back(api: Api) -> None:
    await api.workflow(BUILD)
    await api.post("/v1/main/runs", {"workflow": "build"})
    here = api.parts
    client = HangsUp(here.handler)
    dispatcher = here.leasing.dispatcher
    leasing = Leasing(dispatcher, cast("CommandHandler", client), here.log)
    ask = Ask("main", "default", ("build",), ())
    with pytest.raises(HungUp):
        await leasing.lease(Wish(ask, "gone", "ada", 1, 30, 5), client.receive)
    answer = await api.post("/v1/main/jobs/lease", {**LEASE, "worker": "here"})
    (job,) = answer.json()["jobs"]
    assert job["attempt"] == 2, "the first one was released, at no cost"
