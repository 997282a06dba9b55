"""The command handler on a real log: conflicts, stale memory, keys, atomic batches."""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from typing import TYPE_CHECKING

import psycopg
import pytest

from domain import errors
from domain.handling import Linked
from domain.run.commands import (
    CancelRun,
    CompleteStep,
    ContinueRun,
    CreateRun,
    FailStep,
    ObserveRun,
    PauseRun,
    RetryRun,
    StartRun,
    StartStep,
)
from domain.workflow.commands import RegisterWorkflow
from domain.workflow.definition import StepDefinition, WorkflowDefinition
from tests.support.appending import verify
from tests.support.commanding import DEPLOY, Process, process, request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.database import Database

pytestmark = pytest.mark.anyio

CREATE = CreateRun(workflow="deploy")


@pytest.fixture
async def one(database: Database) -> AsyncIterator[Process]:
    async with process(database) as process_:
        await process_.register()
        yield process_


@pytest.fixture
async def other(database: Database) -> AsyncIterator[Process]:
    async with process(database) as process_:
        yield process_


def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database.url()) as connection:
        return connection.execute(query).fetchall()


def refusals(database: Database) -> list[tuple[object, ...]]:
    return rows(
        database,
        "SELECT run_id, command, code, version_seen, position, actor, recorded_by"
        "  FROM ledger.refusals ORDER BY recorded_at, id",
    )


async def test_a_run_from_its_creation_to_its_end(
    one: Process, database: Database
) -> None:
    created = await one.do(None, CREATE)
    assert created[1:] == ("deploy", 1, 3, 4, "queued", None, False)
    run_id = created.run_id
    assert run_id.version == 7
    await one.do(run_id, StartStep(step="build"))
    await one.do(run_id, CompleteStep(step="build", output={"image": "x"}))
    await one.do(run_id, StartStep(step="ship"))
    done = await one.do(run_id, CompleteStep(step="ship"))
    assert (done.state, done.version) == ("completed", 10)
    assert (await one.do(None, CREATE)).number == 2
    assert verify(database.url()) == 14
    assert refusals(database) == []


async def test_events_say_who_and_why(one: Process) -> None:
    correlation, causation = uuid.uuid4(), uuid.uuid4()
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    answer = await one.handler.handle(
        request(None, CREATE)._replace(
            correlation_id=correlation, causation_id=causation, trace=trace
        )
    )
    run_id = answer.run_id
    await one.do(run_id, StartStep(step="build", actor="robot"))
    first, *_, last = await one.log.stream(run_id)
    assert first[5:7] == ("ada", "service")
    assert first[9:12] == (correlation, causation, trace)
    assert last[5:7] == ("robot", "service")


async def test_another_process_appended_meanwhile(one: Process, other: Process) -> None:
    """The append conflicts; it is decided again on what is there."""
    run_id = (await one.do(None, CREATE)).run_id
    await other.do(run_id, StartStep(step="build"))
    answer = await one.do(run_id, PauseRun(reason="lunch"))
    assert (answer.state, answer.version) == ("paused", 6)
    back = await other.do(run_id, ContinueRun())
    assert (back.state, back.version) == ("running", 7)


async def test_a_refusal_is_of_what_the_log_holds(
    one: Process, other: Process, database: Database
) -> None:
    """Memory says that build is queued; another process has it started long since."""
    run_id = (await one.do(None, CREATE)).run_id
    await other.do(run_id, StartStep(step="build"))
    answer = await one.do(run_id, CompleteStep(step="build"))
    assert (answer.state, answer.version) == ("running", 7)
    assert refusals(database) == []


async def test_what_seems_done_already_is_looked_up(
    one: Process, other: Process
) -> None:
    run_id = (await one.do(None, CREATE)).run_id
    await one.do(run_id, PauseRun())
    await other.do(run_id, ContinueRun())
    again = await one.do(run_id, PauseRun())
    assert (again.state, again.version) == ("paused", 6)


async def test_a_refusal_is_kept_and_raised(one: Process, database: Database) -> None:
    run_id = (await one.do(None, CREATE)).run_id
    with pytest.raises(errors.WrongState):
        await one.do(run_id, CompleteStep(step="ship", actor="robot", output="\x00"))
    assert refusals(database) == [
        (run_id, "complete_step", "wrong-state", 3, 4, "robot", "service")
    ]
    assert rows(database, "SELECT body, key IS NOT NULL FROM ledger.refusals") == [
        ({"step": "ship", "actor": "robot", "output": "\ufffd"}, True)
    ]
    assert verify(database.url()) == 4


async def test_a_large_refused_body_is_kept_by_its_digest(
    one: Process, database: Database
) -> None:
    run_id = (await one.do(None, CREATE)).run_id
    with pytest.raises(errors.WrongState):
        await one.do(run_id, CompleteStep(step="ship", output="x" * 100_000))
    ((body,),) = rows(database, "SELECT body FROM ledger.refusals")
    assert isinstance(body, dict)
    assert body.keys() == {"size", "digest"}


async def test_what_is_not_there_is_not_found_and_not_kept(
    one: Process, database: Database
) -> None:
    run_id = (await one.do(None, CREATE)).run_id
    with pytest.raises(errors.UnknownRun):
        await one.do(uuid.uuid4(), PauseRun())
    with pytest.raises(errors.UnknownRun):
        await one.do(run_id, PauseRun(), namespace="elsewhere")
    with pytest.raises(errors.UnknownRun):
        await one.do(None, PauseRun())
    with pytest.raises(errors.UnknownWorkflow):
        await one.do(None, CreateRun(workflow="bake"))
    with pytest.raises(errors.UnknownWorkflow):
        await one.do(None, CreateRun(workflow="deploy", version=2))
    with pytest.raises(errors.UnknownStep):
        await one.do(run_id, StartStep(step="bake"))
    assert refusals(database) == []


async def test_a_workflow_is_no_run(one: Process) -> None:
    registered = await one.register()
    with pytest.raises(errors.UnknownRun):
        await one.do(registered.run_id, PauseRun())
    with pytest.raises(errors.RunExists):
        await one.do(registered.run_id, CREATE)


async def test_if_match_is_the_version_in_the_log(
    one: Process, other: Process, database: Database
) -> None:
    run_id = (await one.do(None, CREATE)).run_id
    await other.do(run_id, StartStep(step="build"))
    with pytest.raises(errors.StaleVersion) as raised:
        await one.do(run_id, PauseRun(), if_match=3)
    assert raised.value.details == {"expected": 3, "version": 5}
    with pytest.raises(errors.StaleVersion):
        await one.do(run_id, PauseRun(), if_match=9)
    assert (await one.do(run_id, PauseRun(), if_match=5)).version == 6
    # What memory calls stale may be what the caller has seen elsewhere.
    await other.do(run_id, ContinueRun())
    assert (await one.do(run_id, PauseRun(), if_match=7)).version == 8
    assert refusals(database) == []


@pytest.mark.parametrize("memory", ["own", "another's"])
async def test_a_repeated_key_gets_the_first_answer(
    one: Process, other: Process, memory: str, database: Database
) -> None:
    again = one if memory == "own" else other
    created = await one.do(None, CREATE, key="create")
    run_id = created.run_id
    paused = await one.do(run_id, PauseRun(), key="pause", if_match=3)
    await one.do(run_id, ContinueRun())
    await one.do(run_id, CancelRun())
    assert await again.do(None, CREATE, key="create") == created._replace(repeated=True)
    # Before If-Match, and before the rules: the run is over by now.
    assert await again.do(
        run_id, PauseRun(), key="pause", if_match=3
    ) == paused._replace(repeated=True)
    assert refusals(database) == []


async def test_a_key_for_another_request_is_refused(one: Process) -> None:
    run_id = (await one.do(None, CREATE, key="k")).run_id
    with pytest.raises(errors.KeyReused):
        await one.do(None, CreateRun(workflow="deploy", start=False), key="k")
    with pytest.raises(errors.KeyReused):
        await one.do(run_id, CompleteStep(step="ship"), key="k")
    # Keys are each namespace's own.
    await one.do(None, RegisterWorkflow(definition=DEPLOY), namespace="b", key="k")


async def test_a_command_that_did_nothing_does_nothing_later(
    one: Process, other: Process, database: Database
) -> None:
    run_id = (await one.do(None, CREATE)).run_id
    held = await one.do(run_id, PauseRun())
    nothing = await one.do(run_id, PauseRun(), key="again")
    assert nothing == held
    await one.do(run_id, ContinueRun())
    for repeated in (one, other):
        answer = await repeated.do(run_id, PauseRun(), key="again")
        assert answer == held._replace(repeated=True)
    assert verify(database.url()) == 6


async def test_a_refusal_uses_up_no_key(one: Process) -> None:
    run_id = (await one.do(None, CREATE)).run_id
    with pytest.raises(errors.WrongState):
        await one.do(run_id, CompleteStep(step="build"), key="k")
    await one.do(run_id, StartStep(step="build"))
    answer = await one.do(run_id, CompleteStep(step="build"), key="k")
    assert not answer.repeated


async def test_commands_together_are_one_append(
    one: Process, database: Database
) -> None:
    answer = await one.do(
        None, CREATE, StartStep(step="build"), CompleteStep(step="build")
    )
    assert (answer.state, answer.version) == ("running", 7)
    assert rows(database, "SELECT count(*) FROM ledger.log_batches") == [(2,)]


async def test_commands_together_are_all_refused_with_the_one_that_is(
    one: Process, database: Database
) -> None:
    run_id = (await one.do(None, CREATE)).run_id
    with pytest.raises(errors.WrongState):
        await one.do(
            run_id,
            StartStep(step="build"),
            CompleteStep(step="build"),
            CompleteStep(step="ship", attempt=1),
            PauseRun(),
        )
    assert verify(database.url()) == 4
    ((command, body),) = rows(database, "SELECT command, body FROM ledger.refusals")
    assert (command, body) == ("complete_step", {"step": "ship", "attempt": 1})


async def test_many_commands_to_one_run_at_once_are_decided_in_turn(
    one: Process, database: Database
) -> None:
    run_id = (await one.do(None, CREATE)).run_id
    answers = await asyncio.gather(
        *(one.do(run_id, command) for command in [PauseRun(), ContinueRun()] * 20)
    )
    assert [answer.version for answer in answers] == list(range(4, 44))
    assert verify(database.url()) == 44


async def test_two_processes_change_one_run_at_once(
    one: Process, other: Process, database: Database
) -> None:
    run_id = (await one.do(None, CREATE)).run_id

    async def drive(process_: Process) -> None:
        for _ in range(15):
            await process_.do(run_id, PauseRun())
            await process_.do(run_id, ContinueRun())

    await asyncio.gather(drive(one), drive(other))
    folded = [each.event.topic for each in await one.log.stream(run_id, after=3)]
    # Who finds it paused pauses nothing, so the two alternate without exception.
    assert folded == ["run.paused", "run.continued"] * (len(folded) // 2)
    verify(database.url())


async def test_a_batch_answers_each_and_keeps_the_order_of_a_run(one: Process) -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    answers = await one.handler.handle_batch(
        [
            request(first, CREATE),
            request(second, CREATE),
            request(first, StartStep(step="build")),
            request(second, CompleteStep(step="build")),
            request(None, CREATE),
            request(first, CompleteStep(step="build")),
            request(second, StartStep(step="build")),
        ]
    )
    versions = [getattr(answer, "version", type(answer)) for answer in answers]
    assert versions == [3, 3, 5, errors.WrongState, 3, 7, 5]


async def test_a_retry_appends_to_two_runs(one: Process, database: Database) -> None:
    run_id = (await one.do(None, CREATE)).run_id
    await one.do(run_id, StartStep(step="build"))
    old = await one.do(run_id, FailStep(step="build"))
    assert old.state == "failed"
    answer = await one.do(run_id, RetryRun(), key="retry")
    assert answer.run_id != run_id
    assert (answer.number, answer.version, answer.state) == (2, 3, "queued")
    position = answer.position
    assert answer.linked == Linked(run_id, 1, old.version + 1, position + 1)
    assert rows(
        database,
        f"SELECT first, last FROM ledger.log_batches WHERE last = {position + 1}",
    ) == [(position - 2, position + 1)]
    # Both are known from here on, and open: no second retry until it ends.
    with pytest.raises(errors.RetryOpen):
        await one.do(run_id, RetryRun())
    await one.do(answer.run_id, StartStep(step="build"))
    again = await one.do(run_id, RetryRun(), key="retry")
    assert again == answer._replace(repeated=True)
    verify(database.url())


async def test_two_processes_retry_one_run_at_once(
    one: Process, other: Process
) -> None:
    run_id = (await one.do(None, CREATE, StartStep(step="build"))).run_id
    await one.do(run_id, FailStep(step="build"))
    results = await asyncio.gather(
        one.do(run_id, RetryRun()), other.do(run_id, RetryRun()), return_exceptions=True
    )
    kinds = sorted(type(result).__name__ for result in results)
    assert kinds == ["Answer", "RetryOpen"]


async def test_a_retry_stands_alone(one: Process, database: Database) -> None:
    run_id = (await one.do(None, CREATE)).run_id
    await one.do(run_id, CancelRun())
    for commands in ([RetryRun(), PauseRun()], [PauseRun(), RetryRun()]):
        with pytest.raises(errors.WrongState):
            await one.do(run_id, *commands)


async def test_large_values_lie_apart(one: Process, database: Database) -> None:
    value = {"log": "x" * 40_000}
    run_id = (await one.do(None, CREATE, StartStep(step="build"))).run_id
    await one.do(run_id, CompleteStep(step="build", output=value))
    body = json.dumps(value, separators=(",", ":")).encode()
    digest = hashlib.sha256(body).hexdigest()
    assert await one.log.content("default", digest) == body
    assert await one.log.content("elsewhere", digest) is None
    ((size,),) = rows(
        database, "SELECT max(octet_length(state)) FROM ledger.runledger_events"
    )
    assert isinstance(size, int)
    assert size < 1_000


async def test_registering_again_changes_nothing(
    one: Process, other: Process, database: Database
) -> None:
    assert (await one.register())[3:] == (1, 1, "", None, True)
    assert (await other.register())[3:] == (1, 1, "", None, True)
    more = WorkflowDefinition(name="deploy", description="to production")
    second = await other.register(more)
    assert second[3:] == (2, 2, "", None, False)
    third = await one.do(None, RegisterWorkflow(definition=DEPLOY), key="k")
    assert third[3:] == (3, 3, "", None, False)
    again = await one.do(None, RegisterWorkflow(definition=DEPLOY), key="k")
    assert again == third._replace(repeated=True)
    verify(database.url())


async def test_two_register_at_once(one: Process, other: Process) -> None:
    definitions = [
        WorkflowDefinition(name="bake", steps=(StepDefinition(name=f"s{n}"),))
        for n in range(6)
    ]
    answers = await asyncio.gather(
        *(
            (one, other)[n % 2].register(definition)
            for n, definition in enumerate(definitions)
        )
    )
    assert sorted(answer.version for answer in answers) == [1, 2, 3, 4, 5, 6]
    for answer, definition in zip(answers, definitions, strict=True):
        (recorded,) = await one.log.stream(
            answer.run_id, after=answer.version - 1, up_to=answer.version
        )
        assert recorded.event.definition == definition  # type: ignore[attr-defined]


async def test_the_newest_version_is_the_newest_everywhere(
    one: Process, other: Process
) -> None:
    await one.do(None, CREATE)
    steps = (*DEPLOY.steps, StepDefinition(name="tell", needs=("ship",)))
    await other.register(WorkflowDefinition(name="deploy", steps=steps))
    run_id = (await one.do(None, CREATE)).run_id
    (created, *_) = await one.log.stream(run_id)
    assert created.event.workflow_version == 2  # type: ignore[attr-defined]


async def test_numbers_are_no_two_runs(one: Process, other: Process) -> None:
    answers = await asyncio.gather(
        *((one, other)[n % 2].do(None, CREATE) for n in range(60))
    )
    assert sorted(answer.number for answer in answers) == list(range(1, 61))


async def test_an_import_is_recognised(one: Process, other: Process) -> None:
    run_id = uuid.uuid4()
    observed = ObserveRun(
        workflow="deploy", source="ci", external_id="7", source_digest="abc"
    )
    first = await one.do(run_id, observed)
    second = await other.do(run_id, observed)
    assert second == first
    assert (await one.do(None, CREATE)).number == 2, "a number was used up"


async def test_a_run_of_the_same_id_exists(one: Process, other: Process) -> None:
    run_id = uuid.uuid4()
    await one.do(run_id, CREATE)
    for process_ in (one, other):
        with pytest.raises(errors.RunExists):
            await process_.do(run_id, CREATE)


async def test_a_run_that_was_forgotten_is_read_again(database: Database) -> None:
    async with process(database, known_runs=1) as small:
        await small.register()
        first = (await small.do(None, CREATE)).run_id
        await small.do(None, CREATE)
        assert (await small.do(first, StartRun())).version == 3
        assert (await small.do(first, PauseRun())).version == 4


async def test_a_memory_ahead_of_the_log_is_given_up(
    one: Process, database: Database
) -> None:
    """A backup was put back under a running process; the log went on otherwise."""
    run_id = (await one.do(None, CREATE, StartStep(step="build"))).run_id
    with psycopg.connect(database.url("postgres")) as connection:
        connection.execute(
            "ALTER TABLE ledger.runledger_events DISABLE TRIGGER append_only"
        )
        connection.execute(
            "DELETE FROM ledger.runledger_events"
            " WHERE originator_id = %s AND originator_version > 3",
            (run_id,),
        )
    assert (await one.do(run_id, PauseRun())).version == 4
