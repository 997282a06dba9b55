"""Opens files to import: plain or gzip, XES or WfFormat, told by what is in them."""

from __future__ import annotations

import gzip
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Literal

from runledger.importing.observed import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Format = Literal["xes", "json"]

_GZIP = b"\x1f\x8b"
_MARKS = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
"""What may stand before the first character that tells a format."""


class Opened:
    """The unpacked content of a file. What goes wrong in reading is ``Unreadable``."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        self._content = gzip.GzipFile(fileobj=raw) if packed else raw
        start = self.read(4096)
        self._content.seek(0)
        self.format: Format = _format(start)

    @property
    def bytes_read(self) -> int:
        """Of the file as it lies on the disk: what a progress bar goes by."""
        return self._raw.tell()

    def read(self, size: int = -1) -> bytes:
        try:
            return self._content.read(size)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise Unreadable(
                "the gzip file is damaged or cut short", advice="get it again"
            ) from error
        except OSError as error:
            raise _unreadable(error) from error


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """The file, unpacked.

    Raises:
        Unreadable: it is missing, damaged, or of another format.
    """
    try:
        raw = path.open("rb")
    except IsADirectoryError as error:
        raise Unreadable("is a folder", advice="name the files in it") from error
    except OSError as error:
        raise _unreadable(error) from error
    with raw:
        yield Opened(raw)


def _unreadable(error: OSError) -> Unreadable:
    return Unreadable(f"cannot be read ({(error.strerror or str(error)).lower()})")


def _format(start: bytes) -> Format:
    match start.lstrip(_MARKS)[:1]:
        case b"<":
            return "xes"
        case b"{":
            return "json"
        case b"":
            raise Unreadable("is empty", advice="get it again")
        case _:
            raise Unreadable(
                "is neither an XES log nor a WfFormat instance",
                advice="import .xes, .xes.gz, .json or .json.gz files",
            )
