"""Files to import, told by what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from runledger.importing.files import opened
from runledger.importing.observed import Unreadable

from tests.sdk.logs import entry, log, trace, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz", "log.dat"])
def test_a_log_is_known_by_its_content_packed_or_not(tmp_path: Path, name: str) -> None:
    content = log(trace(entry()))
    with opened(write(tmp_path / name, content)) as file:
        assert file.format == "xes"
        assert file.read() == content


def test_utf_16_is_a_log_too(tmp_path: Path) -> None:
    text = log(trace(entry())).decode().replace("UTF-8", "UTF-16")
    with opened(write(tmp_path / "log.xes", text.encode("utf-16"))) as file:
        assert file.format == "xes"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"case,activity\n1,ship\n", "neither an XES log nor a WfFormat instance"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = write(tmp_path / "file", content)
    with pytest.raises(Unreadable, match=said), opened(path):
        pass


def test_a_gzip_file_that_is_cut_short_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "log.xes.gz", log(trace(*[entry()] * 5_000)))
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(Unreadable, match="cut short"), opened(path) as file:
        file.read()


def test_a_missing_file_and_a_folder_say_so(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no such file"), opened(tmp_path / "none"):
        pass
    with pytest.raises(Unreadable, match="is a folder"), opened(tmp_path):
        pass
