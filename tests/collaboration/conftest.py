"""What the engine's tests may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.collaboration.real_yjs import RealYjs


@pytest.fixture(scope="session")
def yjs() -> Iterator[RealYjs]:
    """A process with real Yjs; one for all tests."""
    node = RealYjs()
    yield node
    node.close()
