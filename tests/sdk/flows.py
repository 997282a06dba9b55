"""Workflows for tests with real worker processes. ``FLOW`` names them, so that each
test has its own; what functions do to the world lies in the folder ``WORLD``.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from runledger.worker import Context, Permanent, Policy, Workflow, ask_approval

NAME = os.environ.get("FLOW", "flow")
WORLD = Path(os.environ.get("WORLD", "."))


class Greeting(BaseModel):
    name: str


def leave(name: str, text: str = "") -> None:
    """A line in a file of the world."""
    with WORLD.joinpath(name).open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")


def wait_for(name: str, context: Context) -> None:
    """Until the test says so."""
    while not WORLD.joinpath(name).exists():
        context.sleep(0.02)


# Every kind of function, one behind the other.
chain = Workflow(f"{NAME}-chain", queue=NAME, inputs=Greeting)


@chain.step(effects="none")
async def greet(context: Context) -> str:
    await asyncio.sleep(0)
    context.log(f"greeting {context.inputs.name}")
    return f"Hello, {context.inputs.name}"


@chain.step(needs=[greet], max_attempts=2)
def shout(context: Context) -> str:
    print(f"attempt {context.attempt}")
    if context.attempt == 1:
        raise ConnectionError("nobody hears it")
    return str(context.outputs["greet"]).upper()


@chain.step(needs=[shout], blocking=False)
def count(context: Context) -> dict[str, int]:
    context.progress(1.0, "counted")
    return {"letters": len(context.outputs["shout"])}


# An output that people approve.
letter = Workflow(f"{NAME}-letter", queue=NAME)


@letter.step(approval=Policy(), on_reject="redo")
def write(context: Context) -> object:
    told = [context.feedback, [each.output for each in context.earlier]]
    return ask_approval({"text": "Dear reader", "told": told}, summary="Send it?")


@letter.step(needs=[write], effects="once")
def send(context: Context) -> str:
    leave("sent", context.outputs["write"]["text"])
    return "sent"


# What takes as long as the test wants.
slow = Workflow(f"{NAME}-slow", queue=NAME)


@slow.step
def wait(context: Context) -> str:
    leave("begun", f"{context.run.id} {os.getpid()} {context.attempt}")
    wait_for("go", context)
    return "waited"


@slow.step(needs=[wait])
def after(context: Context) -> None:
    leave("after", context.run.id)


once = Workflow(f"{NAME}-once", queue=NAME)


@once.step(effects="once")
def pay(context: Context) -> str:
    leave("begun", f"{context.run.id} {os.getpid()} {context.attempt}")
    wait_for("go", context)
    return "paid"


stubborn = Workflow(f"{NAME}-stubborn", queue=NAME)


@stubborn.step
def ignore(context: Context) -> str:
    """Does not care whether its work is wanted."""
    leave("begun", f"{context.run.id} {os.getpid()} {context.attempt}")
    while not WORLD.joinpath("go").exists():
        time.sleep(0.02)
    return "done all the same"


gentle = Workflow(f"{NAME}-gentle", queue=NAME)


@gentle.step
async def dream(context: Context) -> None:
    leave("begun", f"{context.run.id} {os.getpid()} {context.attempt}")
    try:
        await asyncio.sleep(600)
    finally:
        leave("woken", context.cancel_reason)


hurried = Workflow(f"{NAME}-hurried", queue=NAME)


@hurried.step(timeout_s=1)
async def linger(context: Context) -> None:
    leave("begun", f"{context.run.id} {os.getpid()} {context.attempt}")
    try:
        await asyncio.sleep(600)
    finally:
        leave("woken", context.cancel_reason)


# What cannot go well.
odd = Workflow(f"{NAME}-odd", queue=NAME, on_failure="continue")


@odd.step(max_attempts=3)
def give_up(context: Context) -> None:
    raise Permanent("there is no such page")


@odd.step(max_attempts=3)
def too_large(context: Context) -> str:
    return "x" * 40_000_000


@odd.step(max_attempts=3)
def no_json(context: Context) -> object:
    return object()


@odd.step(max_attempts=3)
def no_text(context: Context) -> str:
    return "a \0 that no database keeps"


@odd.step(max_attempts=3)
def leaves(context: Context) -> None:
    raise SystemExit("a function does not end its worker")


@odd.step
def fine(context: Context) -> str:
    return "fine"


many = Workflow(f"{NAME}-many", queue=NAME)


async def mark(context: Context) -> Any:
    leave("done", f"{context.run.id} {context.step}")


for _number in range(5):
    many.step(name=f"s{_number}", needs=[f"s{_number - 1}"] if _number else [])(mark)


chatty = Workflow(f"{NAME}-chatty", queue=NAME)


@chatty.step
def talk(context: Context) -> None:
    leave("begun", f"{context.run.id} {os.getpid()} {context.attempt}")
    wait_for("go", context)
    for number in range(3_000):
        context.log(f"line {number}", "debug" if number % 2 else "info")
    print("printed,", end=" ")
    print("in two parts\nand a second line")
    context.log("two\nlines", "error")
    context.log("\x1b[31mred\x1b[0m \ud800 \0")
    context.log("x" * 20_000)
