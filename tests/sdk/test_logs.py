"""XES logs as observed runs."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from runledger.importing.logs import LogReader
from runledger.importing.mapping import Mapping, Rule
from runledger.importing.observed import Unreadable

from tests.sdk.logs import T, entry, log, read, trace


def test_a_trace_is_a_run_and_each_entry_a_command_in_file_order() -> None:
    (run,) = read(
        log(
            trace(
                entry("ship", "start", 1, who="ada"),
                entry("ship", "complete", 3, who="bob"),
            )
        )
    )
    assert (run.source, run.external_id) == ("orders", "case 1")
    assert run.occurred_at == T.format(1)
    assert run.commands == [
        {
            "type": "start_step",
            "step": "ship",
            "occurred_at": T.format(1),
            "actor": "ada",
        },
        {
            "type": "complete_step",
            "step": "ship",
            "occurred_at": T.format(3),
            "actor": "bob",
        },
    ]
    assert run.outcome == "open"


def test_a_log_without_lifecycle_is_a_log_of_completions() -> None:
    (run,) = read(log(trace(entry(transition=None), entry("pay", None, 2))))
    assert [command["type"] for command in run.commands] == ["complete_step"] * 2
    assert run.entries == {("complete", "complete_step"): 2}


def test_an_entry_without_a_resource_is_left_to_the_importer() -> None:
    (run,) = read(log(trace(entry(who=None))))
    assert "actor" not in run.commands[0]


def test_the_run_ends_at_the_last_time_of_its_trace_as_the_mapping_says() -> None:
    mapping = Mapping(
        outcomes=(
            Rule(activity="paid", run="completed"),
            Rule(activity="refused", run="failed", step="rejected", reason="no"),
            Rule(activity="withdrawn", run="canceled"),
        )
    )
    paid, refused, withdrawn, still_open = read(
        log(
            trace(entry("paid", at=2), entry("filed", at=5), name="1"),
            trace(entry("refused", at=4), name="2"),
            trace(entry("withdrawn", at=1), name="3"),
            trace(entry("filed", at=1), name="4"),
        ),
        mapping,
    )
    assert paid.commands[-1] == {
        "type": "end_run",
        "outcome": "completed",
        "occurred_at": T.format(5),
    }
    assert refused.commands[0]["type"] == "reject"
    assert refused.commands[-1] == {
        "type": "end_run",
        "outcome": "failed",
        "step": "refused",
        "reason": "no",
        "occurred_at": T.format(4),
    }
    assert withdrawn.outcome == "canceled"
    assert still_open.outcome == "open"
    assert still_open.commands[-1]["type"] == "complete_step"


def test_an_activity_that_only_started_decides_nothing() -> None:
    mapping = Mapping(outcomes=(Rule(activity="paid", run="completed"),))
    (run,) = read(log(trace(entry("paid", "start"))), mapping)
    assert run.outcome == "open"


def test_an_aborted_process_instance_is_canceled() -> None:
    (run,) = read(log(trace(entry("ship", "pi_abort"))))
    assert run.outcome == "canceled"


def test_times_that_go_backwards_are_kept_and_counted() -> None:
    (run,) = read(
        log(trace(entry(at=5), entry(at=2), entry(at=9), entry(at=7))),
        Mapping(otherwise="completed"),
    )
    times = [command["occurred_at"] for command in run.commands]
    assert times == [T.format(second) for second in (5, 2, 9, 7, 9)]
    assert run.occurred_at == T.format(2)
    assert run.back_in_time == 2


def test_an_entry_without_a_time_takes_that_of_the_one_before() -> None:
    (run,) = read(log(trace(entry(at=None), entry(at=3), entry(at=None))))
    assert [command["occurred_at"] for command in run.commands] == [T.format(3)] * 3
    assert run.without_time == 2


def test_a_time_without_a_zone_is_utc() -> None:
    (run,) = read(log(trace(entry(at="2026-03-01T09:00:00"))))
    assert run.commands[0]["occurred_at"] == "2026-03-01T09:00:00+00:00"


def test_further_data_of_a_completion_is_its_output() -> None:
    more = '<int key="amount" value="12"/><boolean key="paid" value="true"/>'
    (run,) = read(log(trace(entry(more=more))))
    assert run.commands[0]["output"] == {"amount": 12, "paid": True}


def test_further_data_of_a_trace_is_the_runs_input() -> None:
    (run,) = read(log(trace(entry(), more='<float key="kg" value="1.5"/>')))
    assert run.inputs == {"kg": 1.5}


def test_nested_attributes_belong_to_their_attribute_and_not_to_the_entry() -> None:
    more = '<string key="a" value="1"><string key="b" value="2"/></string>'
    (run,) = read(log(trace(entry(more=more))))
    assert run.commands[0]["output"] == {"a": "1"}


def test_two_traces_of_one_name_are_two_runs() -> None:
    runs = read(log(trace(entry()), trace(entry()), trace(entry(), name=None)))
    assert [run.external_id for run in runs] == ["case 1", "case 1 (2)", "trace 3"]


def test_a_slash_in_an_activity_becomes_its_look_alike() -> None:
    (run,) = read(log(trace(entry("Accepted/In Progress"))))
    assert run.commands[0]["step"] == "Accepted\u2215In Progress"


def test_a_log_without_a_name_is_named_for_its_file() -> None:
    reader = LogReader(io.BytesIO(log(trace(entry()), name=None)), "bills")
    assert reader.log_name == "bills"
    assert reader.definition().name == "bills"
    assert reader.definition("chosen").name == "chosen"


def test_entries_outside_of_every_trace_are_counted() -> None:
    reader = LogReader(io.BytesIO(log(trace(entry()), entry())), "file")
    assert len(list(reader.runs())) == 1
    assert reader.outside == 1


def test_a_namespace_prefix_changes_nothing() -> None:
    content = (
        b'<x:log xmlns:x="http://www.xes-standard.org/"><x:trace><x:event>'
        b'<x:string key="concept:name" value="ship"/><x:int key="n" value="3"/>'
        b"</x:event></x:trace></x:log>"
    )
    (run,) = read(content)
    assert run.commands[0]["step"] == "ship"
    assert run.commands[0]["output"] == {"n": 3}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (log(trace(entry()))[:-20], "ends in the middle"),
        (log(trace(entry())).replace(b"</trace>", b"</trade>"), "not XML"),
        (b"<html></html>", "outermost element is <html>"),
        (
            b'<!DOCTYPE log [<!ENTITY a "b">]><log><trace/></log>',
            "declares XML entities",
        ),
        (log(trace(entry(at="yesterday"))), "'yesterday' is no time"),
    ],
)
def test_a_bad_log_says_what_and_where(content: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as raised:
        read(content)
    sentence = raised.value.sentence("bad.xes")
    assert said in sentence
    assert sentence.startswith("bad.xes, ")
    assert "line " in sentence


def test_what_stands_before_an_error_is_read() -> None:
    whole = log(trace(entry(), name="1"), trace(entry(), name="2"))
    reader = LogReader(io.BytesIO(whole[: whole.index(b"</log>")]), "file")
    runs = reader.runs()
    assert [next(runs).external_id, next(runs).external_id] == ["1", "2"]
    with pytest.raises(Unreadable):
        next(runs)


def test_memory_does_not_grow_with_the_log() -> None:
    one = trace(*[entry("step", at=second) for second in range(40)], name=None)

    class Endless:
        """A log that never comes to its end."""

        left = 160
        begun = False

        def read(self, size: int = -1, /) -> bytes:
            if not self.begun:
                self.begun = True
                return b"<log>"
            self.left -= 1
            if self.left > 0:
                return one.encode() * 5
            return b"</log>" if self.left == 0 else b""

    tracemalloc.start()
    try:
        for number, _ in enumerate(LogReader(Endless(), "endless").runs()):
            if number == 200:
                tracemalloc.reset_peak()
                before = tracemalloc.get_traced_memory()[0]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert number > 700
    assert peak - before < 1_000_000
