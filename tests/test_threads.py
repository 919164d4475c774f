"""Threads of requests: kept between them, one request at a time, and not before what they do is done."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from annotator.threads import KEPT, InKeptThreads

MANY = KEPT + 4
WAIT_SECONDS = 10


class Work:
    """What a request does in its thread: say which that is, and wait for `go`."""

    def __init__(self, go: bool = True) -> None:
        self.thread: threading.Thread | None = None
        self.begun = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.go = threading.Event()
        if go:
            self.go.set()

    def __call__(self) -> None:
        self.thread = threading.current_thread()
        self.loop.call_soon_threadsafe(self.begun.set)
        assert self.go.wait(WAIT_SECONDS)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await sync_to_async(scope["work"])()


@pytest.fixture
def kept() -> InKeptThreads:
    return InKeptThreads(application)


async def many_at_once(kept: InKeptThreads) -> set[threading.Thread | None]:
    works = [Work(go=False) for _ in range(MANY)]
    requests = [asyncio.ensure_future(kept({"work": work}, None, None)) for work in works]
    async with asyncio.timeout(WAIT_SECONDS):
        for work in works:
            await work.begun.wait()
        for work in works:
            work.go.set()
        await asyncio.gather(*requests)
    return {work.thread for work in works}


async def test_requests_one_after_the_other_share_a_thread(kept: InKeptThreads) -> None:
    works = [Work() for _ in range(3)]
    for work in works:
        await kept({"work": work}, None, None)
    assert len({work.thread for work in works}) == 1


async def test_requests_at_once_have_a_thread_each_and_few_are_kept(kept: InKeptThreads) -> None:
    first, second = await many_at_once(kept), await many_at_once(kept)
    assert len(first) == len(second) == MANY
    assert len(first & second) == KEPT


async def test_a_thread_that_is_busy_with_who_went_away_serves_nobody_else(kept: InKeptThreads) -> None:
    left = Work(go=False)
    gone = asyncio.ensure_future(kept({"work": left}, None, None))
    async with asyncio.timeout(WAIT_SECONDS):
        await left.begun.wait()
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        after = Work()
        await kept({"work": after}, None, None)
    assert after.thread is not left.thread
    left.go.set()
