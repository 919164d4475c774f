"""One Chromium a module, and windows that are closed, and heard for complaints, when a test ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browsers import WAIT_MS, Windows, chromium
from tests.support.servers import Server

expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def desk(server: Server, browser: Browser) -> Iterator[Windows]:
    """Where windows on the shared server are opened. A test fails if one of them complained of anything."""
    windows = Windows(browser, server)
    yield windows
    windows.close()
    assert windows.complaints() == []
