"""A persistence module of the eventsourcing library that reads our log.

An application of that library, named ``runledger``, with this environment::

    PERSISTENCE_MODULE=infra.event_store.recorder
    CREATE_TABLE=n
    POSTGRES_SCHEMA=ledger
    POSTGRES_DBNAME, POSTGRES_HOST, POSTGRES_USER=runledger_query, POSTGRES_PASSWORD

has our events in its repository, notification log and subscriptions. It cannot write:
positions, hashes and chain are given by ``ledger.append`` alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventsourcing import persistence, postgres

from infra.event_store.mapper import EventMapper, OrjsonTranscoder
from infra.postgres import LOG_CHANNEL

if TYPE_CHECKING:
    from collections.abc import Sequence


class LogRecorder(postgres.PostgresApplicationRecorder):
    """Selects from our log, and listens to our channel."""

    def __init__(
        self,
        datastore: postgres.PostgresDatastore,
        *,
        events_table_name: str = "runledger_events",
    ) -> None:
        super().__init__(datastore, events_table_name=events_table_name)
        self.channel_name = LOG_CHANNEL

    def insert_events(
        self, stored_events: Sequence[persistence.StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Refused: the library's INSERT knows nothing of positions and hashes.

        Raises:
            NotSupportedError: always.
        """
        raise persistence.NotSupportedError(
            "The log is written through ledger.append alone: send commands to the "
            "command API, or use infra.event_store.writer."
        )


# The library takes the one factory class that it finds among the module's names, so
# its own ones must not be among them.
class Factory(postgres.PostgresFactory):
    """What makes an application's parts."""

    application_recorder_class = LogRecorder

    def transcoder(self) -> persistence.Transcoder:
        if self.env.get(self.TRANSCODER_TOPIC):
            return super().transcoder()
        return OrjsonTranscoder()

    def mapper(
        self,
        transcoder: persistence.Transcoder | None = None,
        mapper_class: type[persistence.Mapper[Any]] | None = None,
    ) -> persistence.Mapper[Any]:
        if mapper_class is None and not self.env.get(self.MAPPER_TOPIC):
            mapper_class = EventMapper
        return super().mapper(transcoder, mapper_class)
