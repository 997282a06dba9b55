"""A database of its own for every test, copied from a migrated one."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from psycopg import sql

from infra.migrate import create_database, migrate
from infra.postgres import connect

if TYPE_CHECKING:
    from types import TracebackType

    from infra.local.stack import PostgresServer


class Database:
    """One database on the session's server. ``url`` says as whom to connect."""

    def __init__(self, server: PostgresServer, name: str) -> None:
        self._server = server
        self.name = name

    def url(self, role: str = "runledger_owner") -> str:
        """Its address for one of our roles, ``runledger_command`` and so on.

        ``postgres`` is the superuser, for what only an operator could do.
        """
        return self._server.url(self.name, role)


class Template:
    """The migrated database that those of the tests are copies of."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self.name = "runledger_template"
        create_database(server.url(), self.name)
        migrate(server.url(self.name, "runledger_owner"))

    def copy(self) -> TemporaryDatabase:
        name = f"test_{uuid.uuid4().hex[:12]}"
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER runledger_owner").format(
                sql.Identifier(name), sql.Identifier(self.name)
            )
        )
        return TemporaryDatabase(self._server, name)

    def _run(self, statement: sql.Composed) -> None:
        with connect(self._server.url(), name="tests", autocommit=True) as connection:
            connection.execute(statement)


class TemporaryDatabase(Database):
    """As a context manager: dropped at the end, whoever is still connected."""

    def __enter__(self) -> TemporaryDatabase:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with connect(self._server.url(), name="tests", autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                    sql.Identifier(self.name)
                )
            )
