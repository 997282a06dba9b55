"""Where the connection comes from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from runledger import NotConfigured
from runledger.connection import find

if TYPE_CHECKING:
    from pathlib import Path

FOUND = {
    "query_url": "http://127.0.0.1:1",
    "command_url": "http://127.0.0.1:2",
    "token": "rl_file",
    "namespace": "default",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder below one that ``up`` was called in."""
    (tmp_path / ".runledger").mkdir()
    (tmp_path / ".runledger" / "client.json").write_text(json.dumps(FOUND))
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    return below


def test_the_file_is_found_from_the_folders_below(folder: Path) -> None:
    assert find(environ={}, folder=folder).model_dump() == FOUND


def test_the_environment_goes_before_the_file_and_arguments_before_both(
    folder: Path,
) -> None:
    environ = {"RUNLEDGER_NAMESPACE": "staging", "RUNLEDGER_TOKEN": "rl_env"}
    found = find(environ=environ, folder=folder, token="rl_given")
    assert (found.namespace, found.token) == ("staging", "rl_given")
    assert found.query_url == FOUND["query_url"]


def test_the_files_token_is_not_sent_to_another_address(folder: Path) -> None:
    elsewhere = {"RUNLEDGER_COMMAND_URL": "https://elsewhere.example"}
    assert find(environ=elsewhere, folder=folder).token is None


def test_addresses_in_the_environment_need_no_file(tmp_path: Path) -> None:
    environ = {"RUNLEDGER_QUERY_URL": "http://q", "RUNLEDGER_COMMAND_URL": "http://c"}
    found = find(environ=environ, folder=tmp_path)
    assert (found.query_url, found.command_url) == ("http://q", "http://c")
    assert (found.token, found.namespace) == (None, "default")


def test_a_home_of_its_own_is_used_as_it_stands(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    other = FOUND | {"namespace": "other"}
    (home / "client.json").write_text(json.dumps(other))
    found = find(environ={"RUNLEDGER_HOME": str(home)}, folder=folder)
    assert found.namespace == "other"


def test_without_any_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="infra/bin/up"):
        find(environ={"RUNLEDGER_HOME": str(tmp_path)}, folder=tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", '{"query_url": "http://q"}'])
def test_a_broken_file_is_named(folder: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / ".runledger" / "client.json").write_text(content)
    with pytest.raises(NotConfigured, match=r"client\.json cannot be used"):
        find(environ={}, folder=folder)
