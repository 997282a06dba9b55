"""How bulk operations are written for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runledger.cli import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runledger.cli.session import Session
    from runledger.models import (
        BulkDetail,
        BulkItem,
        BulkOperation,
        BulkPreview,
        PreviewItem,
    )

SHOWN = 10
"""Runs of a preview that are shown one by one."""

SAID = {
    "done": "done",
    "nothing": "with nothing to do",
    "refused": "refused",
    "not_found": "not found",
    "left": "left alone",
}


def preview_shown(
    session: Session, command: dict[str, Any], preview: BulkPreview
) -> str:
    """Which runs, how many would be refused and why, and what is not safe."""
    noun = "question" if command["type"] in ("approve", "reject") else "run"
    lines = [text.plural(preview.total, noun)]
    if preview.items:
        rows = [_preview_row(session, item) for item in preview.items[:SHOWN]]
        lines.append(text.table(("RUN", "STATE", "ASKS", "EXPECTED"), rows))
        if preview.total > SHOWN:
            lines.append(f"and {preview.total - SHOWN:,} more")
    lines += [
        f"{refusal.items:,} will be refused ({refusal.code}): "
        f"{text.printable(refusal.why)}"
        for refusal in preview.refusals
    ]
    if count := preview.expected.get("nothing"):
        lines.append(f"{count:,} need nothing: it is so already")
    if count := preview.expected.get("not_found"):
        lines.append(f"{count:,} are not there")
    if (safety := preview.safety) is not None and (safety.unsafe or safety.unknown):
        accepted = command.get("accept_unsafe")
        what = "retried all the same" if accepted else "refused without --accept-unsafe"
        lines.append(
            f"{safety.unsafe:,} are unsafe to run again, of {safety.unknown:,} that is "
            f"not known: these are {what}"
        )
    if preview.position < preview.head:
        lines.append(
            f"The read models are {preview.head - preview.position:,} events behind: "
            "what is newer is not on this list"
        )
    return "\n".join(lines)


def _preview_row(session: Session, item: PreviewItem) -> tuple[str, ...]:
    known = item.workflow is not None
    name = f"{item.workflow}#{item.number}" if known else str(item.run_id)
    said = SAID.get(item.expected, item.expected)
    verdict = item.verdict if item.verdict not in (None, "safe") else None
    why = item.why or (f"{verdict} to run again" if verdict else "")
    return (
        text.printable(name),
        session.state(item.state) if item.state else "-",
        text.printable(item.step or "-"),
        said + (f": {text.printable(why)}" if why else ""),
    )


def progress_line(found: BulkDetail) -> str:
    over = found.total - found.left
    return f"{found.command}: {over:,} of {found.total:,}   {_counts(found)}"


def operation_line(session: Session, found: BulkOperation | BulkDetail) -> str:
    name = click.style(str(found.bulk_id), bold=True)
    behind = " (not up to date)" if found.degraded else ""
    return (
        f"{name}   {found.command}   {session.state(found.state)}{behind}   "
        f"{_counts(found)}"
    )


def _counts(found: BulkOperation | BulkDetail) -> str:
    left = "left alone" if found.state == "stopped" else "to do"
    said = {**SAID, "left": left}
    counts = [
        f"{count:,} {word}"
        for name, word in said.items()
        if (count := getattr(found, name))
    ]
    return ", ".join(counts) or "nothing done"


def operations_table(session: Session, found: Sequence[BulkOperation]) -> str:
    rows = [
        (
            str(each.bulk_id),
            each.command,
            session.state(each.state) + (" (not up to date)" if each.degraded else ""),
            f"{each.total:,}",
            _counts(each),
            text.ago(each.started_at),
            text.printable(each.started_by),
            text.shorten(text.printable(each.reason), 60),
        )
        for each in found
    ]
    heads = ("ID", "COMMAND", "STATE", "ITEMS", "RESULTS", "STARTED", "BY", "WHY")
    return text.table(heads, rows, right=(3,))


def items_table(session: Session, items: Sequence[BulkItem]) -> str:
    rows = [
        (
            f"{each.nth:,}",
            text.printable(
                f"{each.workflow}#{each.number}" if each.workflow else str(each.run_id)
            ),
            text.printable(each.step or "-"),
            SAID.get(each.result, each.result),
            f"#{each.new_number}" if each.new_number else "-",
            text.shorten(text.printable(each.message or ""), 80),
        )
        for each in items
    ]
    heads = ("", "RUN", "STEP", "RESULT", "NEW RUN", "WHY")
    return text.table(heads, rows, right=(0,))
