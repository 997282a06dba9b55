"""Which lines are wanted: the search agrees with looking at each line by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.logs.lines import LEVELS, pack
from query_api.log_matching import ALL_KINDS, Wanted
from tests.support.logs import columns

if TYPE_CHECKING:
    from infra.logs.lines import Chunk

letters = st.text(alphabet="abAB é\u00c9\u4e2d\u2713\n", max_size=8)


def chunk(*texts: str) -> Chunk:
    (found,) = pack(1, columns(texts))
    return found


@given(st.lists(letters, min_size=1, max_size=12), letters.filter(bool), st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_line_is_found_if_it_holds_the_text(
    texts: list[str], text: str, exact: bool
) -> None:
    def holds(line: str) -> bool:
        return text in line if exact else text.lower() in line.lower()

    wanted = Wanted(text, exact)
    expected = [place for place, line in enumerate(texts) if holds(line)]
    assert list(wanted.places(chunk(*texts))) == expected


@given(st.lists(letters, min_size=1, max_size=12), letters.filter(bool), st.booleans())
@settings(max_examples=300, deadline=None)
def test_what_the_database_looks_for_is_in_every_chunk_with_such_a_line(
    texts: list[str], text: str, exact: bool
) -> None:
    """Else it would leave out chunks that have one."""
    wanted = Wanted(text, exact)
    one = chunk(*texts)
    if not wanted.places(one):
        return
    as_stored = one.body if exact else _ascii_lower(one.body)
    assert wanted.part in as_stored


def _ascii_lower(text: str) -> str:
    """What lower(... COLLATE "C") makes of it."""
    return text.encode().lower().decode()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Timeout", "timeout"),
        ("Gr\u00f6\u00dfe 7", "e 7"),
        ("\u2713 done", "\u2713 done"),
        ("\u4e2d\u6587", "\u4e2d\u6587"),
        ("\u00d6", ""),
    ],
)
def test_the_database_looks_for_what_has_no_case_but_that_of_ascii(
    text: str, part: str
) -> None:
    assert Wanted(text).part == part
    assert Wanted(text, exact=True).part == text


def test_a_line_counts_once_however_often_it_has_the_text() -> None:
    assert list(Wanted("a").places(chunk("aaa", "b", "a a", ""))) == [0, 2]


def test_no_text_reaches_over_the_end_of_a_line() -> None:
    assert list(Wanted("ab").places(chunk("a", "b", "xab", "ab"))) == [2, 3]


def test_stream_and_level_are_looked_at_as_well() -> None:
    (found,) = pack(
        1,
        columns(
            [
                ("stdout", "info", "error in name only"),
                ("stderr", "error", "error"),
                ("log", "warning", "no"),
                ("log", "error", "error"),
            ]
        ),
    )
    assert list(Wanted("error", level="warning").places(found)) == [1, 3]
    assert list(Wanted(level="warning").places(found)) == [1, 2, 3]
    assert list(Wanted(stream="log").places(found)) == [2, 3]
    assert list(Wanted("error", stream="log", level="error").places(found)) == [3]


def test_what_leaves_nothing_out_is_everything() -> None:
    assert Wanted().everything
    assert Wanted(level=LEVELS[0]).everything
    assert not Wanted("x").everything
    assert not Wanted(level="info").everything
    assert Wanted().kinds == ALL_KINDS
