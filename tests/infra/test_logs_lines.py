"""Lines become chunks and come back as they were; what no store takes is replaced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.logs.lines import (
    KIND,
    LEVELS,
    MAX_CHUNK_LINES,
    MAX_CHUNK_TEXT,
    MAX_TEXT,
    SEPARATOR,
    STREAMS,
    Lines,
    kinds_of,
    microseconds,
    pack,
    unpack,
)

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
INFO = KIND["log", "info"]


def lines(*texts: str, at: datetime = NOON, apart: timedelta = timedelta()) -> Lines:
    times = [microseconds(at + n * apart) for n in range(len(texts))]
    return Lines(times, bytes([INFO] * len(texts)), texts)


moments = st.datetimes(
    datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)
)
texts = st.text(max_size=200).filter(lambda text: not {"\0", SEPARATOR} & set(text))
some_lines = st.lists(
    st.tuples(moments, st.sampled_from(STREAMS), st.sampled_from(LEVELS), texts),
    min_size=1,
    max_size=30,
)


@given(some_lines, st.integers(1, 10**12))
@settings(max_examples=200, deadline=None)
def test_lines_come_back_as_they_were(
    sent: list[tuple[datetime, str, str, str]], first: int
) -> None:
    columns = Lines(
        [microseconds(at) for at, *_ in sent],
        bytes(
            next(n for kind, n in KIND.items() if kind == (stream, level))
            for _, stream, level, _ in sent
        ),
        [text for *_, text in sent],
    )
    found = [line for chunk in pack(first, columns) for line in unpack(chunk)]
    assert [(one.at, one.stream, one.level, one.text) for one in found] == sent
    assert [one.n for one in found] == list(range(first, first + len(sent)))
    assert not any(one.cut for one in found)


def test_a_line_takes_five_bytes_beside_its_text() -> None:
    (chunk,) = pack(1, lines(*["x"] * 500, apart=timedelta(minutes=30)))
    assert len(chunk.times) + len(chunk.marks) == 5 * 500


def test_lines_far_apart_keep_their_times() -> None:
    apart = timedelta(days=400)
    (chunk,) = pack(1, lines("a", "b", "c", apart=apart))
    assert [one.at for one in unpack(chunk)] == [NOON, NOON + apart, NOON + 2 * apart]


def test_no_chunk_is_large() -> None:
    many = list(pack(1, lines(*["short"] * 2_500)))
    assert [chunk.lines for chunk in many] == [MAX_CHUNK_LINES, MAX_CHUNK_LINES, 500]
    long = list(pack(1, lines(*["x" * MAX_TEXT] * 20)))
    assert len(long) > 1
    assert max(len(chunk.body) for chunk in long) <= MAX_CHUNK_TEXT + MAX_TEXT
    assert sum(chunk.lines for chunk in long) == 20
    assert [one.first for one in long[1:]] == [one.last + 1 for one in long[:-1]]


def test_a_long_line_is_cut_and_says_so() -> None:
    (chunk,) = pack(1, lines("short", "x" * (MAX_TEXT + 1_234)))
    short, long = unpack(chunk)
    assert (short.text, short.cut) == ("short", False)
    assert long.cut
    assert long.text == "x" * MAX_TEXT + " [cut: 1,234 more characters]"
    assert (long.stream, long.level) == ("log", "info")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\0b", "a\ufffdb"),
        ("a\x1eb", "a\u241eb"),
        ("two\nlines\r\n", "two\nlines\r\n"),
        ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        ("", ""),
    ],
)
def test_what_cannot_be_stored_is_replaced(text: str, kept: str) -> None:
    (chunk,) = pack(7, lines("before", text, "after"))
    assert [one.text for one in unpack(chunk)] == ["before", kept, "after"]


def test_some_lines_of_a_chunk_are_unpacked_alone() -> None:
    (chunk,) = pack(11, lines("a", "b", "c", apart=timedelta(seconds=1)))
    (one,) = unpack(chunk, [2])
    assert (one.n, one.text, one.at) == (13, "c", NOON + timedelta(seconds=2))


def test_a_level_stands_for_worse_ones_too() -> None:
    warnings = kinds_of("stderr", "warning")
    assert warnings == 1 << KIND["stderr", "warning"] | 1 << KIND["stderr", "error"]
    assert kinds_of(None, None) == (1 << len(KIND)) - 1
