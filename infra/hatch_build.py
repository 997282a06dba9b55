"""Puts the dashboard into the wheel, and makes no wheel without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DashboardHook(BuildHookInterface[Any]):
    """Of wheels alone; an editable install serves what is built in the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        built = Path(self.root, "query_api/dashboard/dist/index.html")
        if not built.exists():
            raise FileNotFoundError(
                f"{built} is missing: run infra/bin/dashboard, which builds the "
                "dashboard, then make the wheel again."
            )
