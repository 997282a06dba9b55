"""Bring a database to the shape this version needs: plain SQL files, in order.

``NNNN_name.pre.sql`` runs before the new processes are deployed and must leave the
old ones working; ``NNNN_name.post.sql`` runs when the old ones are gone. Each file is
one transaction and is recorded with its digest in ``migration.applied``; a file that
was applied is never edited again.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import psycopg
from psycopg import sql

from infra.postgres import connect

if TYPE_CHECKING:
    from collections.abc import Sequence

OWNER = "runledger_owner"
FOLDER = Path(__file__).with_name("migrations")

Phase = Literal["pre", "post"]

_FILE = re.compile(r"^(?P<number>\d{4})_[a-z0-9_]+\.(?P<phase>pre|post)\.sql$")

# Any number will do, as long as nobody else in the database takes it.
_LOCK = 7_450_000_001


class MigrationError(Exception):
    """The database cannot be migrated; the message says what to do."""


@dataclass(frozen=True)
class Migration:
    name: str
    phase: Phase
    digest: bytes
    text: str

    @property
    def order(self) -> tuple[str, bool]:
        return self.name[:4], self.phase == "post"


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """Every migration of a folder in the order in which they run.

    Raises:
        MigrationError: a file's name is not one of a migration, or a number and
            phase stand twice.
    """
    found: dict[tuple[str, bool], Migration] = {}
    for path in folder.glob("*.sql"):
        match = _FILE.match(path.name)
        if match is None:
            raise MigrationError(
                f"{path.name} is no name of a migration: NNNN_name.pre.sql or .post.sql"
            )
        content = path.read_bytes()
        migration = Migration(
            name=path.name.removesuffix(".sql"),
            phase=cast("Phase", match["phase"]),
            digest=hashlib.sha256(content).digest(),
            text=content.decode("utf-8"),
        )
        other = found.setdefault(migration.order, migration)
        if other is not migration:
            raise MigrationError(f"{other.name} and {path.name} have one number.")
    return [found[order] for order in sorted(found)]


def migrate(
    url: str,
    phases: Sequence[Phase] = ("pre", "post"),
    *,
    folder: Path = FOLDER,
) -> list[str]:
    """Apply what is missing, as ``runledger_owner``; the names of what was applied.

    Whoever comes while another migrates waits and then finds nothing to do.

    Raises:
        MigrationError: an applied file has changed since, or is gone.
        psycopg.Error: a statement failed; the files before it stay applied.
    """
    known = migrations(folder)
    with connect(url, name="migrate", autocommit=True) as connection:
        _become_owner(connection)
        # Held by the session: it covers all files, and a lost connection frees it.
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        _make_record(connection)
        applied = {
            name: bytes(digest)
            for name, digest in connection.execute(
                "SELECT name, digest FROM migration.applied"
            )
        }
        _check_unchanged(known, applied)
        done: list[str] = []
        for migration in known:
            if migration.name in applied or migration.phase not in phases:
                continue
            with connection.transaction():
                connection.execute(migration.text)
                connection.execute(
                    "INSERT INTO migration.applied (name, digest) VALUES (%s, %s)",
                    (migration.name, migration.digest),
                )
            done.append(migration.name)
        return done


def create_database(admin_url: str, name: str) -> None:
    """An empty database that ``runledger_owner`` owns, and that role, as superuser.

    Raises:
        psycopg.errors.DuplicateDatabase: there is one of that name.
    """
    with connect(admin_url, name="migrate", autocommit=True) as connection:
        connection.execute(
            """
            DO $$ BEGIN
                CREATE ROLE runledger_owner LOGIN CREATEROLE;
            EXCEPTION
                -- unique_violation: another session makes it at this moment.
                WHEN duplicate_object OR unique_violation THEN NULL;
            END $$
            """
        )
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(OWNER)
            )
        )


def _become_owner(connection: psycopg.Connection) -> None:
    """All objects belong to one role, whoever runs this: also functions' rights."""
    try:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(OWNER)))
    except (psycopg.errors.InvalidParameterValue, psycopg.errors.InsufficientPrivilege):
        user = connection.info.user
        raise MigrationError(
            f"Migrations run as the role {OWNER}, which {user} neither is nor may "
            f"become: CREATE ROLE {OWNER} LOGIN CREATEROLE, make it the owner of the "
            f"database {connection.info.dbname}, and connect as it."
        ) from None


def _make_record(connection: psycopg.Connection) -> None:
    connection.execute("SET client_min_messages = warning")
    with connection.transaction():
        connection.execute("CREATE SCHEMA IF NOT EXISTS migration")
        connection.execute(
            """
            CREATE TABLE IF NOT EXISTS migration.applied (
                name text PRIMARY KEY,
                digest bytea NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
            )
            """
        )


def _check_unchanged(known: Sequence[Migration], applied: dict[str, bytes]) -> None:
    digests = {migration.name: migration.digest for migration in known}
    for name, digest in sorted(applied.items()):
        if name not in digests:
            raise MigrationError(
                f"The database has the migration {name}, which this version does not "
                "know: it was migrated by a newer one. Deploy that one."
            )
        if digests[name] != digest:
            raise MigrationError(
                f"The migration {name} was changed after it was applied: put it back "
                "as it was, and write what is new into a new file."
            )
