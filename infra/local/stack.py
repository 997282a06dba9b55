"""The two real servers that everything of ours runs on.

For tests and benchmarks, one of each per session in a scratch folder::

    with PostgresServer(folder / "postgres") as postgres:
        psycopg.connect(postgres.url("postgres"))
        postgres.kill()
        postgres.start()

    port, controller_port = free_ports(2)
    with KafkaBroker(folder / "kafka", port, controller_port) as kafka:
        KafkaProducer(bootstrap_servers=kafka.bootstrap)

Both take ``start``, ``kill`` (SIGKILL) and ``stop`` in any order; addresses stay
the same. A Kafka costs 2-5 s and 440 MB, a PostgreSQL half a second.
"""

from __future__ import annotations

from infra.local.errors import DiskFull, PortTaken, StackError, StartFailed
from infra.local.kafka import KafkaBroker
from infra.local.ports import free_ports
from infra.local.postgres import PostgresServer

__all__ = (
    "DiskFull",
    "KafkaBroker",
    "PortTaken",
    "PostgresServer",
    "StackError",
    "StartFailed",
    "free_ports",
)
