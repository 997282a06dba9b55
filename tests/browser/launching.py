"""How Chromium is started for tests and pictures."""

from __future__ import annotations

ARGUMENTS = (
    "--no-sandbox",  # which root must do without
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
