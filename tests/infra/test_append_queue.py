"""Which appends share a batch."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

import pytest

from infra.event_store.sealing import seal
from infra.event_store.waiting import Queue, Waiting
from tests.support.appending import addition, key, some

if TYPE_CHECKING:
    from domain.ports import Append

pytestmark = pytest.mark.anyio


def waiting(append: Append, deadline: float = 1.0) -> Waiting:
    future = asyncio.get_running_loop().create_future()
    return Waiting(append, seal(append), future, deadline)


def queue_of(*appends: Waiting, max_rows: int = 100, max_bytes: int = 10**6) -> Queue:
    queue = Queue(max_rows=max_rows, max_bytes=max_bytes)
    for one in appends:
        queue.put(one)
    return queue


async def test_what_would_violate_an_index_together_goes_one_after_the_other() -> None:
    stream = uuid.uuid4()
    first, other = waiting(addition(stream)), waiting(addition())
    second, third = waiting(addition(stream)), waiting(addition(stream))
    queue = queue_of(first, second, other, third)
    assert [queue.take(), queue.take(), queue.take(), queue.take()] == [
        [first, other],
        [second],
        [third],
        [],
    ]


async def test_a_key_is_once_in_a_batch() -> None:
    first, second = waiting(addition(key=key("k"))), waiting(addition(key=key("k")))
    other = waiting(addition(key=key("l")))
    queue = queue_of(first, second, other)
    assert [queue.take(), queue.take()] == [[first, other], [second]]


async def test_a_batch_has_its_limits_but_never_nothing() -> None:
    large, small = waiting(addition(None, *some(5))), waiting(addition())
    more = waiting(addition(None, *some(3)))
    queue = queue_of(large, small, more, max_rows=4)
    assert [queue.take(), queue.take()] == [[large], [small, more]]
    queue = queue_of(large, small, more, max_bytes=large.sealed.size)
    assert [queue.take(), queue.take()] == [[large], [small, more]]


async def test_who_has_given_up_is_not_sent() -> None:
    first, second = waiting(addition()), waiting(addition())
    first.future.cancel()
    assert queue_of(first, second).take() == [second]


async def test_whose_time_is_over_is_taken_out() -> None:
    late, later = waiting(addition(), 1.0), waiting(addition(), 2.0)
    queue = queue_of(later, late)
    assert queue.expire(1.5) == [late]
    assert queue.take() == [later]
