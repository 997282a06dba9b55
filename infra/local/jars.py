"""Apache Kafka's jars: fetched once, checked, and shared by every stack of a user."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local.errors import StackError
from infra.local.wheels import java

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COORDINATES = (
    "org.apache.kafka:kafka_2.13:4.3.1",
    # The resolver picks versions that do not run together unless these are named.
    "org.apache.kafka:kafka-clients:4.3.1",
    "com.fasterxml.jackson.core:jackson-databind:2.21.2",
    "com.fasterxml.jackson.core:jackson-core:2.21.2",
    "com.fasterxml.jackson.core:jackson-annotations:2.21",
    "com.fasterxml.jackson.dataformat:jackson-dataformat-csv:2.21.2",
    "com.fasterxml.jackson.dataformat:jackson-dataformat-yaml:2.21.2",
    "com.fasterxml.jackson.datatype:jackson-datatype-jdk8:2.21.2",
    "at.yawk.lz4:lz4-java:1.10.2",
    "org.xerial.snappy:snappy-java:1.1.10.7",
    "com.github.luben:zstd-jni:1.5.6-10",
    "org.yaml:snakeyaml:2.5",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.1",
)

SUMS = Path(__file__).with_name("kafka-jars.sha256")

_RESOLVE = """
import sys
from pathlib import Path
import jgo
for jar in jgo.build(sys.argv[1], cache_dir=Path(sys.argv[2])).all_jars:
    print(jar)
"""


def class_path(cache: Path | None = None) -> str:
    """What ``java -cp`` takes to run Kafka, with every jar there.

    The jars are fetched on first use, into ``cache`` (by default the user's cache
    folder), and checked against ``kafka-jars.sha256``; after that they are only
    looked for.

    Raises:
        StackError: they could not be fetched, or are not the ones expected.
    """
    expected = read_sums(SUMS)
    folder = _folder(cache)
    if not fetched(cache):
        _fetch(folder, expected)
    return os.pathsep.join(str(folder / name) for name in sorted(expected))


def fetched(cache: Path | None = None) -> bool:
    """Whether all jars are there already, checked."""
    # The folder appears under its name only when all in it was checked; a jar can
    # be missing only if somebody cleared the cache by halves.
    folder = _folder(cache)
    return all(folder.joinpath(name).is_file() for name in read_sums(SUMS))


def _folder(cache: Path | None) -> Path:
    edition = hashlib.sha256(SUMS.read_bytes()).hexdigest()[:12]
    return (cache or user_cache()) / f"kafka-jars-{edition}"


def user_cache() -> Path:
    """Where this user keeps what can be fetched again."""
    if (chosen := os.environ.get("XDG_CACHE_HOME")) and Path(chosen).is_absolute():
        return Path(chosen, "runledger")
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/runledger"
    return Path.home() / ".cache/runledger"


def read_sums(file: Path) -> dict[str, str]:
    """File name -> SHA-256, from a list as ``sha256sum`` prints it."""
    lines = (line.split() for line in file.read_text().splitlines())
    return {name: digest for digest, name in lines}


def check(jars: Iterable[Path], expected: Mapping[str, str]) -> None:
    """Make sure that ``jars`` are the expected ones, all of them and no others.

    Raises:
        StackError: names the first jar that is not.
    """
    found = {jar.name: jar for jar in jars}
    for name in sorted(found.keys() ^ expected.keys()):
        what = "is missing" if name in expected else "is there but not in the list"
        raise StackError(_distrust(name, what))
    for name, jar in sorted(found.items()):
        with jar.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        if digest != expected[name]:
            raise StackError(_distrust(name, f"has the SHA-256 {digest}"))


def _distrust(name: str, what: str) -> str:
    return (
        f"Kafka's jar {name} {what}, unlike {SUMS.name} says: nothing was started; "
        "remove it from your Maven repository and try again, or find out who serves "
        "you another file."
    )


def _fetch(folder: Path, expected: Mapping[str, str]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetching-") as work:
        jars = _resolve(Path(work, "resolved"))
        check(jars, expected)
        ready = Path(work, "ready")
        ready.mkdir()
        for jar in jars:
            shutil.copyfile(jar, ready / jar.name)
        if folder.exists():
            folder.rename(Path(work, "incomplete"))
        try:
            ready.rename(folder)
        except OSError:
            # Another stack was a moment faster: its jars were checked as well.
            if not folder.exists():
                raise


def _resolve(into: Path) -> list[Path]:
    done = subprocess.run(
        [sys.executable, "-P", "-c", _RESOLVE, "+".join(COORDINATES), str(into)],
        # Without a Java at hand the resolver would go and download one.
        env={**os.environ, "JAVA_HOME": str(java().parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise StackError(
            f"Kafka's jars could not be fetched ({said}): check that this machine "
            "reaches its Maven repository, then start again."
        )
    return [Path(line) for line in done.stdout.splitlines()]
