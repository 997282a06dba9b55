"""What a step has made, shown as a page that can do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from domain.ids import RunId
from domain.run.commands import (
    CompleteStep,
    RedoStep,
    RequestApproval,
    StartStep,
)
from domain.workflow.definition import StepDefinition, WorkflowDefinition

if TYPE_CHECKING:
    import httpx2 as httpx

    from tests.query_api.serving import Api
    from tests.query_api.world import World

SITE = WorkflowDefinition(
    name="site",
    steps=(
        StepDefinition(name="render"),
        StepDefinition(name="review", kind="approval", needs=("render",)),
    ),
)

PAGE = "<!doctype html><h1>Größe</h1><script>alert(1)</script>"

SANDBOX = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "font-src data:; frame-ancestors 'self'"
)


def rendered(world: World, output: Any) -> RunId:
    """A run whose step ``render`` has put this out, and whose ``review`` asks."""
    world.register(SITE)
    run = world.create("site")
    world.do(run, StartStep(step="render"), CompleteStep(step="render", output=output))
    return run


def shown(
    api: Api, run: RunId, pointer: str = "", step: str = "render", **params: Any
) -> httpx.Response:
    return api.client.get(
        f"/v1/default/runs/{run}/steps/{step}/preview",
        params={"pointer": pointer, **params},
    )


def problem(response: httpx.Response, status: int, code: str) -> str:
    assert response.status_code == status, response.text
    document = response.json()
    assert document["type"] == f"urn:runledger:problem:{code}"
    detail: str = document["detail"]
    return detail


def test_it_is_a_page_that_can_do_nothing(world: World, api: Api) -> None:
    run = rendered(world, {"html": PAGE})
    response = shown(api, run, "/html", of="output")
    assert response.status_code == 200
    assert response.text == PAGE
    assert response.content == PAGE.encode()
    expected = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": SANDBOX,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
    }
    for name, value in expected.items():
        # Exactly one of each: two policies would both be held.
        assert response.headers.get_list(name) == [value], name
    assert "x-frame-options" not in response.headers


def test_every_other_answer_still_lets_nobody_frame_it(world: World, api: Api) -> None:
    run = rendered(world, {"html": PAGE})
    closed = ["default-src 'none'; frame-ancestors 'none'"]
    for response in (
        shown(api, run, "/nothing", of="output"),
        api.client.get(f"/v1/default/runs/{run}/events"),
    ):
        assert response.headers.get_list("content-security-policy") == closed


def test_a_large_page_is_compressed_and_whole(world: World, api: Api) -> None:
    run = rendered(world, PAGE * 500)
    response = shown(api, run, of="output")
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers.get_list("content-security-policy") == [SANDBOX]
    assert response.text == PAGE * 500


@pytest.mark.parametrize(
    ("pointer", "text"),
    [
        ("/pages/0/html", "one"),
        ("/pages/1/html", "two"),
        ("/a~1b", "slash"),
        ("/m~0n", "tilde"),
        ("/~01", "both"),
        ("/", "nameless"),
        ("/ü%", "letters"),
        ("/0", "a member"),
        ("/empty", ""),
    ],
)
def test_a_pointer_leads_to_its_string(
    world: World, api: Api, pointer: str, text: str
) -> None:
    output = {
        "pages": [{"html": "one"}, {"html": "two"}],
        "a/b": "slash",
        "m~n": "tilde",
        "~1": "both",
        "": "nameless",
        "ü%": "letters",
        "0": "a member",
        "empty": "",
    }
    run = rendered(world, output)
    assert shown(api, run, pointer, of="output").text == text
    assert shown(api, run, f"/render{pointer}", "review").text == text


def test_a_pointer_that_leads_nowhere_says_where_it_ended(
    world: World, api: Api
) -> None:
    run = rendered(world, {"pages": [{"html": "one"}]})
    for pointer, where in (
        ("/page", "at the top there is an object of 1 members, without 'page'"),
        ("/pages/1", "at /pages there is a list of 1, without '1'"),
        ("/pages/-", "without '-'"),
        ("/pages/00", "without '00'"),
        ("/pages/0/html/x", "at /pages/0/html there is a string"),
    ):
        response = shown(api, run, pointer, of="output")
        assert where in problem(response, 404, "not-found")
    for pointer, kind in (("", "an object"), ("/pages", "a list of 1")):
        response = shown(api, run, pointer, of="output")
        assert f"Leads to {kind}" in problem(response, 422, "invalid")
    for pointer in ("pages", "/pages~2", "/" + "x" * 2_000):
        problem(shown(api, run, pointer, of="output"), 422, "invalid")


def test_the_subject_is_that_of_the_iteration(world: World, api: Api) -> None:
    world.register(SITE)
    run = world.create("site")
    for text in ("first", "second"):
        world.do(run, StartStep(step="render"))
        world.do(run, RequestApproval(step="render", output={"html": text}))
        if text == "first":
            world.do(run, RedoStep(step="render", feedback="Larger"), actor="ada")
    assert shown(api, run, "/html").text == "second"
    assert shown(api, run, "/html", iteration=1).text == "first"
    assert shown(api, run, "/html", iteration=2).text == "second"
    problem(shown(api, run, "/html", iteration=3), 404, "not-found")
    other = world.create("site")
    problem(shown(api, other, "/html"), 404, "not-found")
    assert "no output" in problem(shown(api, other, of="output"), 404, "not-found")


def test_the_output_is_that_of_the_iteration(world: World, api: Api) -> None:
    run = rendered(world, "first")
    world.do(run, RedoStep(step="render"), actor="ada")
    world.do(run, StartStep(step="render"), CompleteStep(step="render", output="next"))
    assert shown(api, run, of="output").text == "next"
    assert shown(api, run, of="output", iteration=1).text == "first"
    assert shown(api, run, of="output", iteration=2).text == "next"
    problem(shown(api, run, of="output", iteration=3), 404, "not-found")


def test_what_lies_apart_is_shown_too(world: World, api: Api) -> None:
    page = PAGE * 1_000
    output = {"pages": [{"html": page}]}
    done = rendered(world, output)
    step = api.get(f"runs/{done}/events", topic="run.step.completed")["items"][0]
    assert step["data"]["output"]["digest"] is not None
    asking = world.create("site")
    world.do(asking, StartStep(step="render"))
    world.do(asking, RequestApproval(step="render", output=output))
    assert shown(api, asking, "/pages/0/html").text == page
    assert shown(api, done, "/pages/0/html", of="output").text == page
    # An approval step is asked about outputs, of which a large one lies apart again.
    assert shown(api, done, "/render/pages/0/html", "review").text == page


def test_what_only_looks_like_a_large_value_is_shown_as_it_is(
    world: World, api: Api
) -> None:
    run = rendered(world, {"digest": "not one", "size": 7})
    assert shown(api, run, "/render/digest", "review").text == "not one"
    other = world.create("site")
    output = {"digest": "0" * 64, "size": 7}
    world.do(other, StartStep(step="render"))
    world.do(other, CompleteStep(step="render", output=output))
    assert shown(api, other, "/digest", of="output").text == "0" * 64


def test_only_who_may_see_the_run_sees_it(world: World, api: Api) -> None:
    run = rendered(world, PAGE)
    problem(shown(api, run, step="nothing"), 404, "unknown-step")
    problem(shown(api, RunId(uuid4())), 404, "unknown-run")
    problem(shown(api, run), 404, "not-found")  # it has asked nothing
    stranger = world.token(namespace="other")
    api.client.headers["Authorization"] = f"Bearer {stranger}"
    problem(shown(api, run, of="output"), 403, "forbidden")
    theirs = api.client.get(f"/v1/other/runs/{run}/steps/render/preview?of=output")
    problem(theirs, 404, "unknown-run")
