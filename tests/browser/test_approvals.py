"""People at their inbox: they look, decide, hand on, and see what came of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.support.world import World

    SignIn = Callable[..., Page]
    Axe = Callable[[Page], None]

FORM: dict[str, Any] = {
    "type": "object",
    "required": ["amount", "sure"],
    "properties": {
        "amount": {"type": "integer", "minimum": 1, "title": "Amount"},
        "sure": {"const": True, "title": "I have compared it"},
        "lines": {
            "type": "array",
            "title": "Centres",
            "items": {"type": "string", "title": "Centre"},
        },
    },
}
PAGE = """<!doctype html><html><body><h1>Figures of March</h1>
<p>The total is {total} euro.</p><a href="other.html">More</a>
<script>window.__pwned = parent.__pwned = 1; document.body.textContent = "x"</script>
<img src="x" onerror="window.__pwned = 1"></body></html>"""


@pytest.fixture
def run(world: World) -> str:
    """``bills#1``, whose step ``render`` asks the group finance."""
    register(world, groups=["finance"])
    run = world.start("bills", inputs={"month": "March"})
    rendered(world, run, 7)
    return run


def register(world: World, **policy: Any) -> None:
    render = {
        "name": "render",
        "approval": {"expires_s": 86_400, **policy},
        "on_reject": {"action": "redo"},
    }
    world.register("bills", render, {"name": "send", "needs": ["render"]})


def rendered(world: World, run: str, total: int) -> None:
    """The step has done it, again or for the first time, and people are asked."""
    world.step(run, "render", "start")
    output = {
        "total": total,
        "pages": [{"name": "figures.html", "html": PAGE.format(total=total)}],
    }
    summary = f"Figures of March: {total}"
    world.step(run, "render", "request-approval", output=output, summary=summary)
    world.level()


def decision(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Decision")


def review(page: Page, **params: str) -> Page:
    query = "&".join(f"{name}={value}" for name, value in params.items())
    page.goto(f"/approvals/bills/1/render{query and f'?{query}'}")
    expect(page.get_by_role("heading", name="bills#1 render")).to_be_visible()
    return page


def scrolls_sideways(page: Page) -> bool:
    found: bool = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return found


def test_the_inbox_leads_to_the_review(
    world: World, run: str, sign_in: SignIn, axe: Axe
) -> None:
    page = sign_in("approver", name="grace", groups=("finance",))
    page.goto("/approvals")
    row = page.get_by_role("listitem").filter(has_text="Figures of March: 7")
    expect(row).to_contain_text("0 of 1 agreed")
    expect(row).to_contain_text("expires in 23 h")
    axe(page)
    page.keyboard.press("j")
    expect(row.get_by_role("link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/approvals/bills/1/render$"))


def test_the_inbox_of_another_and_of_a_group_and_what_is_over(
    world: World, run: str, sign_in: SignIn
) -> None:
    world.token("approver", name="cy", groups=("finance",))
    page = sign_in("approver", name="eve")
    page.goto("/approvals")
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    page.get_by_role("link", name="For a person").click()
    page.get_by_label("Person").fill("cy")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("of=person&for=cy$"))
    expect(page.get_by_role("link", name="bills#1 render")).to_be_visible()
    page.goto("/approvals?of=group:finance")
    row = page.get_by_role("listitem").filter(has_text="bills#1")
    expect(row).to_contain_text(
        "You do not decide: its policy names the group 'finance'"
    )
    world.post(f"/runs/{run}/cancel", {"reason": "no need"})
    expect(page.get_by_text("Nothing is open here")).to_be_visible()
    page.get_by_role("link", name="Decided").click()
    expect(row).to_contain_text("withdrawn")


def test_errors_of_the_form_stand_at_its_fields_and_then_it_is_approved(
    world: World, sign_in: SignIn
) -> None:
    register(world, form=FORM)
    rendered(world, world.start("bills"), 7)
    rendered(world, world.start("bills"), 8)
    page = review(sign_in("approver", name="grace"))
    amount = page.get_by_label("Amount")
    amount.fill("seven")
    expect(decision(page)).to_contain_text("This is not a whole number")
    amount.fill("0")
    decision(page).get_by_role("button", name="Add to Centres").click()
    page.get_by_label("Centre *").fill("4711")
    page.get_by_role("button", name="Approve").click()
    expect(amount).to_be_focused()
    expect(amount).to_have_accessible_description(
        re.compile("0 is less than the minimum of 1")
    )
    sure = page.get_by_label("I have compared it")
    expect(sure).to_have_accessible_description("This must be ticked")
    amount.fill("7")
    sure.check()
    page.get_by_label("Comment").fill("Matches the ledger")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("You approved it.")).to_be_visible()
    expect(decision(page)).to_contain_text("Matches the ledger")
    (made,) = world.get("/approvals?state=approved")["items"][0]["decisions"]
    assert made["form"] == {"amount": 7, "sure": True, "lines": ["4711"]}
    page.get_by_role("link", name="bills#2 render").click()
    expect(page.get_by_text("Figures of March: 8")).to_be_visible()


def test_what_is_wrong_with_it_is_the_feedback_of_the_next_iteration(
    world: World, run: str, sign_in: SignIn
) -> None:
    page = review(sign_in("approver", name="grace", groups=("finance",)))
    # Twice: what is said about it must not push another button under the pointer.
    page.get_by_role("button", name="Reject").dblclick()
    expect(decision(page)).to_contain_text("Say in the comment what is wrong")
    expect(page.get_by_label("Comment")).to_be_focused()
    page.get_by_label("Comment").fill("The second meter is missing")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("You rejected it.")).to_be_visible()
    rendered(world, run, 12)
    page.get_by_role("button", name="Show what is asked now").click()
    subject = page.get_by_role("region", name="What is to be approved")
    expect(subject.get_by_role("blockquote")).to_have_text(
        "The second meter is missing"
    )
    expect(subject).to_contain_text("2 changes since iteration 1")
    expect(subject.get_by_role("deletion").filter(has_text="euro")).to_contain_text("7")
    expect(subject.get_by_role("insertion").filter(has_text="euro")).to_contain_text(
        "12"
    )
    page.get_by_role("link", name="As it was").click()
    expect(page.get_by_text("Figures of March: 7")).to_be_visible()
    expect(decision(page)).to_contain_text("It is rejected")


def test_a_redo_takes_feedback_and_withdraws_the_question(
    world: World, run: str, sign_in: SignIn
) -> None:
    page = review(sign_in("approver", name="grace", groups=("finance",)))
    page.get_by_role("button", name="Redo").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Feedback").fill("In blue, please")
    dialog.get_by_role("button", name="Redo render").click()
    expect(dialog).to_be_hidden()
    expect(decision(page)).to_contain_text("It is withdrawn")
    rendered(world, run, 7)
    expect(page.get_by_text("In blue, please")).to_be_visible()


def test_what_has_changed_is_not_decided_and_the_comment_is_kept(
    world: World, run: str, sign_in: SignIn, axe: Axe
) -> None:
    page = sign_in("approver", name="grace", groups=("finance",))
    # Nobody tells the page, so that it finds out by the refusal.
    page.route("**/events/stream*", lambda route: route.abort())
    review(page)
    page.get_by_label("Comment").fill("Looks right")
    world.step(run, "render", "redo", feedback="The meter was read anew")
    rendered(world, run, 12)
    page.get_by_role("button", name="Approve").click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("It was not decided: this has changed.")
    expect(told).to_contain_text("as local asked: The meter was read anew")
    expect(page.get_by_role("button", name="Approve")).to_be_hidden()
    axe(page)
    page.get_by_role("button", name="Show what is asked now").click()
    expect(told).to_be_hidden()
    summary = page.get_by_role("paragraph").filter(has_text="Figures of March: 12")
    expect(summary).to_be_visible()
    expect(page.get_by_label("Comment")).to_have_value("Looks right")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("You approved it.")).to_be_visible()


def test_the_page_says_by_itself_that_it_has_changed(
    world: World, run: str, sign_in: SignIn
) -> None:
    page = review(sign_in("approver", name="grace", groups=("finance",)))
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    world.step(run, "render", "redo", feedback="The meter was read anew")
    rendered(world, run, 12)
    told = page.get_by_role("alert")
    expect(told).to_contain_text("This has changed while you looked at it.")
    expect(told).to_contain_text("The meter was read anew")
    # What was looked at is still there, until the reader wants the other.
    expect(page.get_by_text("Figures of March: 7")).to_be_visible()


def test_somebody_else_decides_in_ones_place(
    world: World, run: str, sign_in: SignIn
) -> None:
    page = review(sign_in("approver", name="grace", groups=("finance",)))
    page.get_by_role("button", name="Delegate").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Person").fill("eve")
    dialog.get_by_role("button", name="Delegate").click()
    expect(decision(page)).to_contain_text("grace has eve decide in their place")
    expect(page.get_by_role("button", name="Approve")).to_be_hidden()
    other = sign_in("approver", name="eve")
    other.goto("/approvals")
    expect(other.get_by_text("in the place of grace")).to_be_visible()
    review(other)
    other.get_by_role("button", name="Approve").click()
    expect(decision(other)).to_contain_text("by eve in the place of grace")


def test_a_preview_shows_its_text_and_runs_nothing(
    world: World, run: str, sign_in: SignIn
) -> None:
    page = review(sign_in("approver", name="grace", groups=("finance",)))
    element = page.locator("iframe")
    expect(element).to_have_attribute("sandbox", "")
    inside = page.frame_locator("iframe")
    expect(inside.get_by_role("heading")).to_have_text("Figures of March")
    frame = element.element_handle().content_frame()
    assert frame is not None
    assert page.evaluate("window.__pwned") is None
    assert frame.evaluate("window.__pwned") is None
    assert frame.evaluate("window.origin") == "null"
    page.route("**/other.html", lambda route: route.fulfill(body="elsewhere"))
    inside.get_by_role("link", name="More").click()
    expect(page.get_by_text("Links of a page lead nowhere")).to_be_visible()
    expect(inside.get_by_role("heading")).to_have_text("Figures of March")


def test_an_approval_step_shows_what_it_needs_even_where_it_lies_apart(
    world: World, sign_in: SignIn
) -> None:
    world.register(
        "bills",
        {"name": "render"},
        {"name": "sign", "kind": "approval", "needs": ["render"]},
    )
    run = world.start("bills")
    world.step(run, "render", "start")
    html = f"<html><body><h1>Large</h1>{'<p>word</p>' * 5000}</body></html>"
    world.step(run, "render", "complete", output={"html": html})
    world.level()
    page = sign_in("approver", name="grace")
    page.goto("/approvals/bills/1/sign")
    inside = page.frame_locator("iframe")
    expect(inside.get_by_role("heading")).to_have_text("Large")


def test_it_is_decided_from_its_run_too(
    world: World, run: str, sign_in: SignIn
) -> None:
    page = sign_in("approver", name="grace", groups=("finance",))
    page.goto("/runs/bills/1?step=render&tab=approval")
    page.get_by_role("button", name="Approve").first.click()
    dialog = page.get_by_role("dialog", name="Approve render of bills#1?")
    expect(dialog).to_contain_text("Step render is completed")
    expect(dialog).to_contain_text("Figures of March: 7")
    dialog.get_by_label("Comment").fill("As agreed")
    dialog.get_by_role("button", name="Approve").click()
    expect(dialog).to_be_hidden()
    (approval,) = world.get("/approvals?state=approved")["items"]
    assert approval["decisions"][0]["comment"] == "As agreed"


def test_inbox_and_review_fit_a_phone(world: World, sign_in: SignIn, axe: Axe) -> None:
    register(world, form=FORM, groups=["finance"])
    run = world.start("bills", inputs={"reference": "x" * 300})
    rendered(world, run, 7)
    world.step(run, "render", "redo", feedback="y" * 300)
    rendered(world, run, 12)
    page = sign_in("approver", name="grace", groups=("finance",), width=380, height=760)
    page.goto("/approvals")
    expect(page.get_by_role("link", name="bills#1 render")).to_be_visible()
    assert not scrolls_sideways(page)
    for see in ("", "changes", "data"):
        review(page, see=see)
        expect(page.get_by_role("button", name="Approve")).to_be_visible()
        assert not scrolls_sideways(page), see
        axe(page)


def test_a_viewer_sees_all_and_no_button_that_would_fail(
    world: World, run: str, sign_in: SignIn, axe: Axe
) -> None:
    page = review(sign_in("viewer", name="vic", groups=("finance",)))
    expect(decision(page)).to_contain_text("it takes the role approver")
    expect(page.get_by_text("Figures of March: 7")).to_be_visible()
    for name in ("Approve", "Reject", "Delegate", "Redo"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    axe(page)
