"""Sends a batch until each of its runs has an answer that will not change."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from runledger import errors
from runledger.importing.parcels import body
from runledger.models import ItemAnswer, ProblemDocument

if TYPE_CHECKING:
    from runledger.client import Client
    from runledger.importing.parcels import Parcel

PATIENCE_S = 60.0
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0


def send(client: Client, batch: list[Parcel]) -> list[ItemAnswer]:
    """An answer for each. What the service cannot do right now is sent again.

    Raises:
        ServiceError: it could not for ``PATIENCE_S``.
        RunledgerError: it is away, or does not let the caller import.
    """
    answers: dict[int, ItemAnswer] = {}
    left = list(enumerate(batch))
    deadline, pause = time.monotonic() + PATIENCE_S, _FIRST_PAUSE_S
    while True:
        found = _send(client, [parcel for _, parcel in left])
        for (place, _), answer in zip(left, found, strict=True):
            answers[place] = answer
        left = [(place, one) for place, one in left if answers[place].status >= 500]
        if not left:
            return [answers[place] for place in range(len(batch))]
        if time.monotonic() + pause > deadline:
            raise problem(answers[left[0][0]])
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_S)


def problem(answer: ItemAnswer) -> errors.RunledgerError:
    """Why an item was not recorded."""
    told = {} if answer.problem is None else answer.problem.model_dump()
    return errors.of_problem(told, answer.status)


def _send(client: Client, batch: list[Parcel]) -> list[ItemAnswer]:
    """A batch that does not fit is refused as a whole, so it is sent in halves: one
    run that does not fit must not keep the others.
    """
    try:
        return client.batch(body(batch)).items
    except errors.Invalid as error:
        if len(batch) == 1:
            told = ProblemDocument(
                type=error.code, title="", detail=error.detail, status=error.status
            )
            return [ItemAnswer(status=error.status, key="", problem=told)]
        half = len(batch) // 2
        return _send(client, batch[:half]) + _send(client, batch[half:])
