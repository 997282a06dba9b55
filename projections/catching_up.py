"""Bringing read tables level from the log itself, where Kafka lacks something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from projections.generation import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from projections.change import Change
    from projections.decoding import Failure
    from projections.generation import Generation

WINDOW = 2_000
"""Positions per transaction."""


def catch_up(
    generation: Generation,
    targets: Mapping[int, int],
    *,
    stopping: Callable[[], bool] = lambda: False,
) -> list[Failure]:
    """Apply what these partitions lack up to a position each; what was parked.

    Offsets stay as they are: what comes from Kafka later is dropped as seen.

    Raises:
        What ``Generation.apply`` raises.
    """
    parked: list[Failure] = []
    left = {
        partition: target
        for partition, target in targets.items()
        if generation.places[partition].position < target
    }
    if not left:
        return parked
    after = min(generation.places[partition].position for partition in left)
    end = max(left.values())
    while after < end and not stopping():
        up_to = min(after + WINDOW, end)
        places = {partition: generation.places[partition] for partition in left}
        changes: list[Change] = []
        for change, partition in generation.log.window(after, up_to, left):
            if places[partition].position < change.position <= left[partition]:
                changes.append(change)
                places[partition] = Place(
                    places[partition].next_offset, change.position
                )
        if changes:
            parked += generation.apply(changes, places)
        after = up_to
    return parked
