"""People at their browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

    from infra.access import Role
    from tests.support.world import World


class People:
    """Each has a browser profile of their own."""

    def __init__(self, world: World, browser: Browser) -> None:
        self.world = world
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._wrong: list[str] = []

    def sign_in(
        self,
        *roles: Role,
        name: str = "ada",
        groups: tuple[str, ...] = (),
        width: int = 1440,
        height: int = 900,
    ) -> Page:
        """An empty page of somebody who has a session already."""
        context = self._browser.new_context(
            base_url=self.world.service.query_url,
            viewport={"width": width, "height": height},
        )
        context.set_default_timeout(15_000)
        self._contexts.append(context)
        token = self.world.token(*roles, name=name, groups=groups)
        answer = context.request.post(
            f"{self.world.service.command_url}/session", data={"token": token}
        )
        assert answer.status == 201, answer.text()
        page = context.new_page()
        page.on("pageerror", lambda error: self._wrong.append(str(error)))
        page.on("console", self._heard)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        # A refused request is logged by the browser itself, and shown by the page; what
        # a preview tries and must not is told as its own.
        if message.type != "error" or "/preview?" in message.location["url"]:
            return
        if "Failed to load resource" not in message.text:
            self._wrong.append(message.text)

    def leave(self) -> None:
        for context in self._contexts:
            context.close()
        assert not self._wrong, f"pages threw: {self._wrong}"
