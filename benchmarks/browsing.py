"""A running server and a Chromium beside it, for what is measured in a browser."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.support.browsers import Windows, chromium
from tests.support.servers import Server


class Site(NamedTuple):
    folder: Path
    server: Server
    windows: Windows


@contextlib.contextmanager
def site() -> Iterator[Site]:
    """A new server in a folder of its own; both are gone afterwards."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        data = Path(folder) / "data"
        data.mkdir()
        server = Server(data).start()
        windows = Windows(browser, server)
        try:
            yield Site(Path(folder), server, windows)
        finally:
            windows.close()
            server.kill()
