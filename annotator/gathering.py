"""Questions that come together are asked together. Knows questions and answers; not what they are about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")

MOST_AT_ONCE = 500


class Gathering(Generic[Question, Answer]):
    """What is asked while an answer is awaited goes into the next question, with all else that came meanwhile.

    `ask` gets the questions, and gives an answer to each, in their order; one that is an Exception is raised to who asked.
    `pause`: seconds between two askings, for more to come together.
    """

    def __init__(
        self, ask: Callable[[list[Question]], Awaitable[Sequence[Answer | Exception]]], pause: float = 0.0
    ) -> None:
        self._ask = ask
        self._pause = pause
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def __call__(self, question: Question) -> Answer:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((question, answer))
        if self._asking is None:
            self._asking = loop.create_task(self._ask_all(), context=Context())
        return await answer

    async def _ask_all(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                await self._ask_together(taken)
                if self._pause:
                    await asyncio.sleep(self._pause)
        finally:
            self._asking = None
            for _, answer in self._waiting:  # only where this was cancelled
                answer.cancel()

    async def _ask_together(self, taken: list[tuple[Question, asyncio.Future[Answer]]]) -> None:
        answers: Sequence[Answer | Exception]
        try:
            answers = await self._ask([question for question, _ in taken])
        except Exception as error:
            answers = [error] * len(taken)
        except BaseException:
            for _, waiting in taken:
                waiting.cancel()
            raise
        for (_, waiting), answer in zip(taken, answers, strict=True):
            if waiting.done():
                continue  # nobody waits any more
            if isinstance(answer, Exception):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)
