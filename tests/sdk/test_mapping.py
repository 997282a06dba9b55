"""Mapping files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from runledger.importing.mapping import load, matching
from runledger.importing.observed import Unreadable

if TYPE_CHECKING:
    from pathlib import Path


def test_the_first_rule_whose_activity_is_present_decides(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        '[[outcomes]]\nactivity = "a/b"\nrun = "failed"\nstep = "rejected"\n'
        '[[outcomes]]\nactivity = "c"\nrun = "completed"\n'
    )
    mapping = load(str(file))
    rule = mapping.rule({"c", "a\u2215b"})
    assert rule is not None
    assert rule.run == "failed"
    assert mapping.rule({"d"}) is None
    assert mapping.rejecting == {"a\u2215b"}


def test_a_shipped_mapping_is_found_by_its_name_and_by_its_logs() -> None:
    assert load("bpic2012").workflow == "loan-application"
    assert matching("BPI Challenge 2012") == ("bpic2012", load("bpic2012"))
    assert matching("") is None
    assert matching("orders") is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("outcomes = [", "is not TOML"),
        ('[[outcomes]]\nactivity = "a"\nrun = "won"\n', "outcomes.0.run"),
        ("outcome = []", "outcome: Extra inputs"),
    ],
)
def test_a_bad_mapping_says_what_is_wrong(
    tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(content)
    with pytest.raises(Unreadable) as raised:
        load(str(file))
    assert said in raised.value.sentence("bad.toml")


def test_a_mapping_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(Unreadable) as raised:
        load("bpic2013")
    assert "bpic2012" in raised.value.sentence("bpic2013")
