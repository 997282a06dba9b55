"""Logs of the long-running processes: one line per entry, to standard error."""

from __future__ import annotations

import logging


def to_stderr() -> None:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # Kafka's client tells every lost connection many times; we say it once.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
