"""The matrix on a terminal."""

from __future__ import annotations

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from runledger.cli.grid import CELLS, Column, Paper, draw
from runledger.cli.text import STEP_LOOKS, width

STEPS = ["extract", "transform", "load"]
RUNS = [
    Column(1, "completed", "ccc", (0.05, 9.8, 61.0), (1, 1, 1), "000", 71.0),
    Column(2, "failed", "cf.", (0.05, 4.9, None), (1, 3, 0), "000", 5.0),
    Column(3, "waiting_for_approval", "cw ", (0.1, None, None), (1, 1, 0), "14 "),
]


def plain(lines: list[str]) -> list[str]:
    return [click.unstyle(line) for line in lines]


def test_steps_go_down_and_runs_across_with_the_newest_at_the_right() -> None:
    lines = plain(draw(STEPS, RUNS, Paper(80), durations=False))
    assert lines[:5] == [
        "           #1 #2 #3",
        "run        ●  ✗  ◆",
        "extract    ●  ●  ●←",
        "transform  ●  ✗³ ◆↻",
        "load       ●  ·",
    ]
    legend = " ".join(lines[5:])
    assert "³ attempts" in legend
    assert "← carried" in legend
    assert "◆ waiting for approval" in legend


def test_without_unicode_every_shape_is_ascii() -> None:
    lines = draw(STEPS, RUNS, Paper(80, unicode=False), durations=False)
    assert all(line.isascii() for line in plain(lines))


def test_durations_are_bars_against_the_longest_of_their_row() -> None:
    lines = plain(draw(STEPS, RUNS, Paper(80), durations=True))
    assert lines[3] == "transform  █9.80s   ▅4.90s   ◆"
    assert lines[5] == "duration   1m11s    5.00s    -"


def test_each_state_of_a_step_has_a_shape_and_a_colour_of_its_own() -> None:
    assert set(CELLS.values()) == set(STEP_LOOKS)
    assert len(CELLS) == 8
    glyphs = [found.glyph for found in STEP_LOOKS.values()]
    plains = [found.plain for found in STEP_LOOKS.values()]
    assert len(set(glyphs)) == len(set(plains)) == 8
    assert all(width(glyph) == 1 for glyph in glyphs)


def test_many_runs_have_their_numbers_written_downwards() -> None:
    runs = [Column(number, "completed", "c") for number in range(13_060, 13_080)]
    lines = plain(draw(["a"], runs, Paper(60), durations=False))
    assert lines[0].split() == ["1"] * 20
    assert lines[4].split() == [str(n % 10) for n in range(20)]
    assert lines[6].split() == ["a", *["●"] * 20]


def test_where_not_all_fit_the_newest_are_shown_and_it_says_so() -> None:
    runs = [Column(number, "completed", "c") for number in range(100)]
    lines = plain(draw(["a"], runs, Paper(40), durations=False))
    assert lines[1].rstrip().endswith("9")
    assert "older not shown" in lines[-1]


def test_a_run_that_is_not_up_to_date_is_named() -> None:
    runs = [Column(7, "running", "r", degraded=True)]
    lines = plain(draw(["a"], runs, Paper(80), durations=False))
    assert "not up to date: #7" in lines[-1]


COLUMNS = st.integers(0, 6).flatmap(
    lambda steps: st.tuples(
        st.lists(st.text(max_size=60), min_size=steps, max_size=steps),
        st.lists(
            st.builds(
                Column,
                number=st.integers(1, 10**6),
                state=st.sampled_from(["running", "failed", "paused", "else"]),
                cells=st.text(".qrcwfxj ", min_size=steps, max_size=steps),
                durations_s=st.lists(
                    st.none() | st.floats(0, 1e8), min_size=steps, max_size=steps
                ),
                attempts=st.lists(st.integers(0, 99), min_size=steps, max_size=steps),
                flags=st.text("01246 ", min_size=steps, max_size=steps),
                duration_s=st.none() | st.floats(0, 1e9),
            ),
            max_size=12,
            unique_by=lambda column: column.number,
        ),
    )
)


@given(COLUMNS, st.integers(24, 200), st.booleans(), st.booleans())
def test_no_line_is_wider_than_the_paper(
    drawn: tuple[list[str], list[Column]], size: int, durations: bool, unicode: bool
) -> None:
    steps, columns = drawn
    lines = draw(steps, columns, Paper(size, unicode), durations=durations)
    assert max((width(line) for line in lines), default=0) <= size
    assert not any("\n" in line for line in lines)


@pytest.mark.parametrize("durations", [True, False])
def test_nothing_is_drawn_of_nothing(durations: bool) -> None:
    assert draw([], [], Paper(80), durations=durations) == []
