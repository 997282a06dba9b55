"""A namespace with everything in it that a page can show.

``seed(world)`` takes some seconds and may be done once per namespace. People have names
of their roles, so that nobody is made up.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.screenshots.history import Item, Past, Step, put
from tests.screenshots.letter import LETTER, LOG, SECOND_LETTER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.world import World


def task(name: str, *needs: str, **more: Any) -> Step:
    return {"name": name, "needs": list(needs), **more}


STATEMENTS = [
    task("fetch-bookings", effects="none", queue="default", max_attempts=3),
    task("fetch-rates", effects="none"),
    task("deduplicate", "fetch-bookings"),
    task("convert", "deduplicate", "fetch-rates"),
    task("validate", "convert", effects="none"),
    task("enrich", "validate"),
    task("score", "enrich"),
    task("match-orders", "enrich"),
    task("render-letters", "score", "match-orders", effects="idempotent"),
    task(
        "review",
        "render-letters",
        kind="approval",
        description="Somebody of finance reads the letters before they are sent",
        approval={
            "groups": ["finance"],
            "required": 2,
            "expires_s": 172_800,
            "form": {
                "type": "object",
                "required": ["letters", "checked"],
                "properties": {
                    "letters": {
                        "type": "integer",
                        "minimum": 1,
                        "title": "Letters",
                        "description": "As many as you have counted",
                    },
                    "checked": {
                        "type": "string",
                        "enum": ["all of them", "a sample"],
                        "title": "Checked",
                    },
                    "remark": {"type": "string", "title": "Remark"},
                },
            },
        },
        on_reject={"action": "redo", "step": "render-letters"},
    ),
    task("send", "review", effects="once"),
    task("archive", "send", effects="idempotent"),
]
ADDED = {"score", "fetch-rates"}
"""What the second version of the workflow has and the first had not."""
INPUTS = {
    "type": "object",
    "required": ["month"],
    "properties": {
        "month": {
            "type": "string",
            "title": "Month",
            "pattern": "^\\d{4}-\\d{2}$",
            "description": "Such as 2026-11",
        },
        "dry_run": {"type": "boolean", "title": "Dry run", "default": False},
    },
}
WAREHOUSE = [
    task("extract"),
    task("load", "extract", effects="idempotent"),
    task("check", "load", effects="none"),
    task("publish", "check", effects="once"),
]
SCHEMA = [task("plan"), task("apply", "plan", effects="once"), task("verify", "apply")]


def seed(world: World, now: datetime | None = None) -> None:
    """Weeks of history, and runs in every state of today."""
    now = now or datetime.now(UTC)
    world.register(
        "statements", *_narrowed(_names(STATEMENTS) - ADDED), input_schema=INPUTS
    )
    world.register(
        "statements",
        *STATEMENTS,
        input_schema=INPUTS,
        description="Monthly statements: from bookings to letters, read by finance",
    )
    world.register("warehouse", *WAREHOUSE)
    world.register("schema-change", *SCHEMA)
    chance = random.Random(7)
    put(world, list(_past(chance, now)))
    _today(world)
    world.level()


def _past(chance: random.Random, now: datetime) -> list[Item]:
    """Runs of three workflows, the oldest first. Nobody was asked in them."""
    tasks = _narrowed(_names(STATEMENTS) - {"review"})
    early = _narrowed(_names(tasks) - ADDED)
    found: list[Item] = []
    for number in range(48):
        past = Past(
            "statements", 1 if number < 12 else 2, early if number < 12 else tasks
        )
        hours = 6 * (52 - number)
        at = now - timedelta(hours=hours, minutes=chance.randrange(50))
        found.append(past.run(chance, number, at))
    for number in range(90):
        hours = 4 * (92 - number)
        at = now - timedelta(hours=hours, minutes=chance.randrange(50))
        found.append(Past("warehouse", 1, WAREHOUSE).run(chance, number, at))
    for number in range(9):
        at = now - timedelta(days=11 - number)
        found.append(Past("schema-change", 1, SCHEMA).run(chance, number, at))
    return found


def _narrowed(left: set[str]) -> list[Step]:
    """The steps of these names; who needs another one needs what that one did."""
    by_name = {step["name"]: step for step in STATEMENTS}

    def needs(step: Step) -> list[str]:
        found: list[str] = []
        for one in step["needs"]:
            found += [one] if one in left else needs(by_name[one])
        return found

    return [
        {**step, "needs": needs(step)} for step in STATEMENTS if step["name"] in left
    ]


def _names(steps: list[Step]) -> set[str]:
    return {step["name"] for step in steps}


def _today(world: World) -> None:
    """Runs of ours, one in each state that a person meets."""
    _retried(world)
    _canceled(world)
    _paused(world)
    _sent_back(world)
    _running(world)
    _canceled_together(world)


def _until(world: World, run: str, last: str) -> None:
    """Every step in the order of the definition, up to and with ``last``."""
    for step in STATEMENTS:
        name = step["name"]
        if name == "fetch-bookings":
            _worked(world, run)
        elif step.get("kind") != "approval":
            world.step(run, name, "start")
            world.step(run, name, "complete", output=_output(name))
        if name == last:
            return


def _worked(world: World, run: str) -> None:
    """The one step that has a queue: leased, logged about and reported."""
    job = lease(world)
    assert job["run_id"] == run
    _log(world, job, LOG[:40])
    _report(world, job, type="complete_step", output={"rows": 8_412})


def lease(world: World) -> dict[str, Any]:
    answer = world.post(
        "/jobs/lease",
        {
            "worker": "reader-1",
            "workflows": ["statements"],
            "max_jobs": 1,
            "lease_s": 3_600,
            "slots": 4,
            "wait_s": 10,
        },
    )
    job: dict[str, Any] = answer["jobs"][0]
    return job


def _report(world: World, job: Mapping[str, Any], **report: Any) -> None:
    named = {name: job[name] for name in ("step", "attempt", "lease")}
    item = {"run_id": job["run_id"], "report": {**named, **report}}
    answer = world.post("/jobs/reports", {"reports": [item]})
    assert answer["items"][0]["status"] == 200, answer


def _log(world: World, job: Mapping[str, Any], lines: list[dict[str, str]]) -> None:
    batch = {
        "run_id": job["run_id"],
        "step": job["step"],
        "attempt": job["attempt"],
        "lease": job["lease"],
        "first": 1,
        "lines": lines,
    }
    world.post("/logs", {"batches": [batch]})


def _output(step: str) -> Any:
    if step == "render-letters":
        return LETTER
    return {"step": step, "rows": 8_388, "took": {"read_s": 1.2, "write_s": 0.4}}


def _start(world: World) -> str:
    return world.start("statements", inputs={"month": "2026-10", "dry_run": False})


def _retried(world: World) -> None:
    """Fails on the way, is retried, and the retry goes to its end."""
    run = _start(world)
    _until(world, run, "convert")
    world.step(run, "validate", "start")
    trace = 'Traceback (most recent call last):\n  File "validate.py", line 41, in row'
    error = {
        "type": "ValueError",
        "message": "Row 1,204: the amount is missing",
        "traceback": f"{trace}\nValueError: Row 1,204: the amount is missing",
    }
    world.step(run, "validate", "fail", error=error, retryable=False)
    body = {"retry_from": "failed", "reason": "The row was corrected at its source"}
    again = world.post(f"/runs/{run}/retry", body)["run_id"]
    for step in STATEMENTS[4:9]:
        world.step(again, step["name"], "start")
        world.step(again, step["name"], "complete", output=_output(step["name"]))
    _decide(world, again, "approve", "finance-1", "Agrees with the ledger")
    _decide(world, again, "approve", "finance-2", "Fine")
    for name in ("send", "archive"):
        world.step(again, name, "start")
        world.step(again, name, "complete", output=_output(name))


def _decide(world: World, run: str, verb: str, who: str, comment: str) -> None:
    asked = world.get(f"/runs/{run}/steps/review/approval")
    body: dict[str, Any] = {
        "iteration": asked["iteration"],
        "subject_digest": asked["subject_digest"],
        "comment": comment,
    }
    if verb == "approve":
        body["form"] = {"letters": 2, "checked": "all of them"}
    token = world.token("approver", name=who, groups=("finance",))
    world.post(f"/runs/{run}/steps/review/{verb}", body, token=token)


def _canceled(world: World) -> None:
    run = _start(world)
    _until(world, run, "deduplicate")
    world.post(f"/runs/{run}/cancel", {"reason": "Started for the wrong month"})


def _paused(world: World) -> None:
    run = _start(world)
    _until(world, run, "enrich")
    world.post(f"/runs/{run}/pause", {"reason": "The order system is down until noon"})


def _sent_back(world: World) -> None:
    """Waits for finance for the second time, with what was said the first time."""
    run = _start(world)
    _until(world, run, "render-letters")
    _decide(world, run, "reject", "finance-1", "The second letter has no address")
    world.step(run, "render-letters", "start")
    world.step(run, "render-letters", "complete", output=SECOND_LETTER)
    _decide(world, run, "approve", "finance-2", "Now it has")


def _running(world: World) -> None:
    """Its first job failed once and is at it again; beside it a step that is done."""
    run = _start(world)
    job = lease(world)
    _log(world, job, LOG[:12])
    error = {"type": "ConnectionError", "message": "The archive hung up"}
    _report(world, job, type="fail_step", error=error)
    job = lease(world)
    _log(world, job, LOG)
    at = {name: job[name] for name in ("run_id", "step", "lease")}
    progress = {"fraction": 0.62, "message": "5,220 of 8,412 bookings"}
    beat = {"worker": "reader-1", "jobs": [{**at, "progress": progress}]}
    world.post("/jobs/heartbeat", beat)
    world.step(run, "fetch-rates", "start")
    world.step(run, "fetch-rates", "complete", output={"rates": 31})
    # What the rules refuse is on record too.
    world.try_post(f"/runs/{run}/steps/send/start")
    world.try_post(f"/runs/{uuid4()}/cancel")


def _canceled_together(world: World) -> None:
    """Many at once: what was started for a plan that is given up."""
    for _ in range(14):
        world.start("schema-change")
    world.level()
    filtered = {"workflow": "schema-change", "state": ["queued"]}
    wish = {"command": {"type": "cancel"}, "filter": filtered}
    digest = world.post("/bulk/preview", wish)["digest"]
    world.post("/bulk", {**wish, "digest": digest, "reason": "The plan is given up"})
