"""Items that are written together: by one thread, for any number of event loops, and nobody is forgotten."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from apps.api.batches import Batches


class Writer:
    """Writes nothing down but what came together; holds the first batch until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.began, self.may_go = threading.Event(), threading.Event()

    def __call__(self, items):
        self.batches.append(list(items))
        self.began.set()
        assert self.may_go.wait(20)
        if any(item < 0 for item in items):
            raise ValueError(items)
        return [item * 10 for item in items]


@pytest.fixture
def writer():
    return Writer()


@pytest.fixture
def batches(writer):
    with ThreadPoolExecutor(1) as thread:
        yield Batches(writer, most=3, thread=thread)
        writer.may_go.set()


async def behind_the_first(writer, batches, items):
    """Ask for what stands in line while the first item is being written."""
    first = asyncio.create_task(batches.written(0))
    await asyncio.to_thread(writer.began.wait, 20)
    rest = [asyncio.create_task(batches.written(item)) for item in items]
    await asyncio.sleep(0)  # each has put its item in line
    return first, rest


def test_what_comes_meanwhile_is_written_together_in_order_and_no_more_than_may_be(writer, batches):
    async def main():
        first, rest = await behind_the_first(writer, batches, range(1, 6))
        writer.may_go.set()
        return await asyncio.gather(first, *rest)

    assert asyncio.run(main()) == [0, 10, 20, 30, 40, 50]
    assert writer.batches == [[0], [1, 2, 3], [4, 5]]


def test_what_breaks_a_batch_is_told_to_all_in_it_and_to_nobody_else(writer, batches):
    async def main():
        first, rest = await behind_the_first(writer, batches, [1, -2, 3, 4])
        writer.may_go.set()
        return await asyncio.gather(first, *rest, return_exceptions=True)

    found = asyncio.run(main())
    assert [found[0], found[4]] == [0, 40]
    assert [type(one) for one in found[1:4]] == [ValueError] * 3


def test_who_has_gone_before_their_turn_has_nothing_written(writer, batches):
    async def main():
        first, rest = await behind_the_first(writer, batches, [1, 2, 3, 4])
        for one in rest[:3]:
            one.cancel()
        await asyncio.sleep(0)
        writer.may_go.set()
        return await asyncio.gather(first, rest[3])

    assert asyncio.run(main()) == [0, 40]
    assert writer.batches == [[0], [4]]


def test_two_event_loops_share_a_batch_and_each_hears_of_its_own(writer, batches):
    inside, answers = threading.Event(), {}

    def elsewhere() -> None:
        async def main():
            task = asyncio.create_task(batches.written(7))
            await asyncio.sleep(0)
            inside.set()
            answers["there"] = await asyncio.wait_for(task, 20)

        asyncio.run(main())

    async def main():
        first, rest = await behind_the_first(writer, batches, [1])
        other = threading.Thread(target=elsewhere)
        other.start()
        await asyncio.to_thread(inside.wait, 20)
        writer.may_go.set()
        answers["here"] = await asyncio.gather(first, *rest)
        await asyncio.to_thread(other.join, 20)

    asyncio.run(main())
    assert answers == {"here": [0, 10], "there": 70}
    assert writer.batches == [[0], [1, 7]]


def test_a_loop_that_was_closed_meanwhile_holds_up_nobody(writer, batches):
    gone = asyncio.new_event_loop()
    waiting = gone.create_task(batches.written(0))
    gone.run_until_complete(asyncio.sleep(0))  # in line, and taken
    assert writer.began.wait(20)
    gone.close()

    async def main():
        later = asyncio.create_task(batches.written(1))
        await asyncio.sleep(0)
        writer.may_go.set()
        return await asyncio.wait_for(later, 20)

    assert asyncio.run(main()) == 10
    assert not waiting.done()
    waiting._log_destroy_pending = False


def test_a_writer_that_rests_is_sent_for_again(writer, batches):
    writer.may_go.set()

    async def main():
        return [await batches.written(item) for item in range(20)]

    assert asyncio.run(main()) == [item * 10 for item in range(20)]
    assert writer.batches == [[item] for item in range(20)]
