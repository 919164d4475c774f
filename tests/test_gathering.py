"""Questions that come together are asked together, and each gets its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from annotator.gathering import MOST_AT_ONCE, Gathering


class Oracle:
    """Doubles numbers; takes no negative ones. Remembers what it was asked at once; answers when it may."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, numbers: list[int]) -> Sequence[int | Exception]:
        self.asked.append(numbers)
        await self.may_answer.wait()
        if 0 in numbers:
            raise ZeroDivisionError("nothing to double")
        return [2 * number if number > 0 else ValueError(number) for number in numbers]


async def test_what_comes_while_an_answer_is_awaited_is_asked_together() -> None:
    oracle = Oracle()
    double: Gathering[int, int] = Gathering(oracle)
    oracle.may_answer.clear()
    first = asyncio.ensure_future(double(1))
    while not oracle.asked:
        await asyncio.sleep(0)
    others = [asyncio.ensure_future(double(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0)
    oracle.may_answer.set()
    assert [await first, *await asyncio.gather(*others)] == [2, 4, 6, 8]
    assert oracle.asked == [[1], [2, 3, 4]]


async def test_one_bad_question_harms_no_other() -> None:
    double: Gathering[int, int] = Gathering(Oracle())
    found = await asyncio.gather(*(double(number) for number in (1, -2, 3)), return_exceptions=True)
    assert found[0] == 2
    assert isinstance(found[1], ValueError)
    assert found[2] == 6


async def test_who_cannot_be_asked_is_told_of_to_all_and_asked_again() -> None:
    oracle = Oracle()
    double: Gathering[int, int] = Gathering(oracle)
    found = await asyncio.gather(double(0), double(1), return_exceptions=True)
    assert [type(each) for each in found] == [ZeroDivisionError, ZeroDivisionError]
    assert await double(1) == 2


async def test_who_gives_up_keeps_nobody_waiting() -> None:
    oracle = Oracle()
    double: Gathering[int, int] = Gathering(oracle)
    oracle.may_answer.clear()
    gone, waiting = asyncio.ensure_future(double(1)), asyncio.ensure_future(double(2))
    await asyncio.sleep(0)
    gone.cancel()
    oracle.may_answer.set()
    assert await waiting == 4
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_more_than_fit_are_asked_one_part_after_the_other() -> None:
    oracle = Oracle()
    double: Gathering[int, int] = Gathering(oracle)
    numbers = range(1, 2 * MOST_AT_ONCE + 2)
    assert await asyncio.gather(*map(double, numbers)) == [2 * number for number in numbers]
    assert [len(asked) for asked in oracle.asked] == [MOST_AT_ONCE, MOST_AT_ONCE, 1]
