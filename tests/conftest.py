"""What every test may ask for. Servers, databases and browsers are real; nothing of ours is replaced."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers import Server


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """A PostgreSQL that was started for this run goes as a whole."""
    return "TEST_POSTGRES" in os.environ


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running site with an empty database, shared by the tests of one worker: each makes its own project."""
    running = Server(tmp_path_factory.mktemp("server")).start()
    yield running
    running.kill()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A running site of the test's own, to kill and start again."""
    running = Server(tmp_path / "data")
    running.data_dir.mkdir()
    running.start()
    yield running
    running.kill()
