"""A whole real log, against a count by another way."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from pathlib import Path

import pytest
from runledger.importing.account import Account
from runledger.importing.logs import LogReader
from runledger.importing.mapping import load, matching

FILE = Path(__file__).parents[3] / "shared/data/xes/bpic2012.xes.gz"
pytestmark = pytest.mark.skipif(
    not FILE.parent.is_dir(), reason="the shared data is not beside the repository"
)


def test_every_entry_of_the_log_is_accounted_for() -> None:
    account = Account(str(FILE))
    with gzip.open(FILE) as content:
        reader = LogReader(content, "file")
        found = matching(reader.log_name)
        assert found is not None
        assert found[1] == load("bpic2012")
        reader.mapping = found[1]
        commands = 0
        for run in reader.runs():
            account.recorded(run, repeated=False)
            commands += len(run.commands)

    # By text alone: nothing of the importer's reading is used here.
    text = gzip.decompress(FILE.read_bytes()).decode()
    traces = text.split("<trace>")[1:]
    transitions = Counter(
        transition.lower()
        for each in traces
        for transition in re.findall(r'lifecycle:transition" value="(\w+)"', each)
    )
    ended = {
        outcome: sum(f'value="{activity}"' in each for each in traces)
        for outcome, activity in (
            ("completed", "A_ACTIVATED"),
            ("failed", "A_DECLINED"),
            ("canceled", "A_CANCELLED"),
        )
    }
    ended["open"] = len(traces) - sum(ended.values())

    assert len(traces) == account.runs == 13_087
    assert dict(account.outcomes) == ended
    assert ended == {
        "completed": 2_246,
        "failed": 7_635,
        "canceled": 2_807,
        "open": 399,
    }
    by_transition: Counter[str] = Counter()
    for (transition, _), count in account.entries.items():
        by_transition[transition] += count
    assert by_transition == transitions
    assert by_transition.total() == text.count("<event>") == 262_200
    # One command for each entry, and one for each run that ended.
    assert commands == 262_200 + 13_087 - 399
    assert account.entries["complete", "reject"] == 7_635
    assert account.outside == account.without_time == 0
