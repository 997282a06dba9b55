"""How values are written for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runledger.cli.text import ago, duration, pad, printable, shorten, table, width

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "-"),
        (0, "0s"),
        (0.000054, "54us"),
        (0.054023, "54.0ms"),
        (0.00961, "9.61ms"),
        (0.1234, "123ms"),
        (0.00099996, "1.00ms"),
        (0.9996, "1.00s"),
        (9.798843, "9.80s"),
        (59.94, "59.9s"),
        (60, "1m00s"),
        (1279.3, "21m19s"),
        (3_600, "1h00m"),
        (200_000, "2d07h"),
        (1e9, "11574d"),
    ],
)
def test_durations(seconds: float | None, said: str) -> None:
    assert duration(seconds) == said


@given(st.floats(0, 1e11))
def test_a_duration_takes_at_most_eight_columns(seconds: float) -> None:
    assert len(duration(seconds)) <= 8


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (timedelta(seconds=1), "now"),
        (timedelta(seconds=59), "59 s ago"),
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(hours=47), "1 d ago"),
        (timedelta(days=31), "2026-01-29"),
        (-timedelta(hours=2), "in 2 h"),
    ],
)
def test_times_are_relative_up_to_a_month(back: timedelta, said: str) -> None:
    assert ago(NOW - back, NOW) == said


@given(st.text(max_size=40), st.integers(1, 30))
def test_a_shortened_text_fits(text: str, size: int) -> None:
    assert width(shorten(text, size)) <= size
    assert width(pad(shorten(text, size), size)) == size


def test_wide_characters_take_two_columns() -> None:
    assert width("日本") == 4
    assert shorten("日本語", 4) == "日…"


def test_what_would_steer_the_terminal_is_shown_as_unprintable() -> None:
    assert printable("a\x1b[31mb\nc") == "a\ufffd[31mb\ufffdc"


def test_columns_are_aligned_whatever_is_in_them() -> None:
    lines = table(("A", "NUMBER"), [("日本", "1"), ("x", "1,000")], right=(1,))
    assert lines.splitlines()[1:] == ["日本       1", "x      1,000"]
