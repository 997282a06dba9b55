"""A broker that is killed: nothing is lost, and all goes on when it is back."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import pytest

from infra.local.child import Child
from infra.local.stack import KafkaBroker, free_ports
from infra.postgres import connect
from infra.settings import EVENTS_TOPIC
from tests.projections.histories import definition, mixture, registered
from tests.projections.tables import Tables
from tests.workers.stage import Stage
from tests.workers.test_projector import same_as_from_the_log
from tests.workers.test_publisher import chains_hold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.database import Database

RELEASE = definition()


class Outage:
    """A stage on a broker of its own, whose workers are real processes."""

    def __init__(self, stage: Stage, broker: KafkaBroker, folder: Path) -> None:
        self.stage = stage
        self.broker = broker
        self._folder = folder

    @contextmanager
    def working(self, *names: Literal["publish", "project"]) -> Iterator[None]:
        roles = {"publish": "runledger_publisher", "project": "runledger_projector"}
        children = [
            Child(
                name,
                [sys.executable, "-m", "workers", name],
                log=self._folder / f"{name}.log",
                environ={
                    **os.environ,
                    "RUNLEDGER_DATABASE_URL": self.stage.tables.database.url(
                        roles[name]
                    ),
                    "RUNLEDGER_KAFKA_BOOTSTRAP": self.broker.bootstrap,
                },
            )
            for name in names
        ]
        try:
            yield
        finally:
            for child in children:
                child.stop(grace=15)
        for child in children:
            assert child.exit_code == 0, child.obituary()


@pytest.fixture
def outage(database: Database, tmp_path: Path) -> Iterator[Outage]:
    url = database.url("runledger_projector")
    with (
        KafkaBroker(tmp_path / "kafka", *free_ports(2)) as broker,
        connect(url, name="tests", autocommit=True) as connection,
    ):
        stage = Stage(Tables(connection, database), broker.bootstrap, EVENTS_TOPIC)
        yield Outage(stage, broker, tmp_path)


def test_events_of_an_outage_are_published_after_it(outage: Outage) -> None:
    runs = mixture(RELEASE, 12)
    stage = outage.stage
    with outage.working("publish", "project"):
        last = stage.given(registered(RELEASE), *runs[:4])
        stage.until_projected(last)
        outage.broker.kill()
        later = stage.given(*runs[4:8])
        outage.broker.start()
        stage.until_projected(later)
        last = stage.given(*runs[8:])
        stage.until_published(last)
        stage.until_projected(last)
    assert stage.tables.parked() == []
    chains_hold(stage, stage.consumed(), last)
    same_as_from_the_log(stage)


def test_workers_come_before_kafka_and_leave_without_it(outage: Outage) -> None:
    stage = outage.stage
    outage.broker.kill()
    last = stage.given(registered(RELEASE), *mixture(RELEASE, 4))
    with outage.working("publish", "project"):
        outage.broker.start()
        stage.until_projected(last)
        outage.broker.kill()
        stage.given(*mixture(RELEASE, 4))
        # Leaving fails the test unless both end by themselves.
    assert stage.checkpoint()[1] == last
