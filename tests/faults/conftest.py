"""One site for all faults: killed, stopped and started again by them, behind the shim where a compiler is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from benchmarks.faults import shim
from benchmarks.faults.cluster import Cluster
from benchmarks.faults.stage import Run, Stage

SEED = 20261121


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("faults")
    made = Cluster(folder / "data", **(shim.environment(folder) if shim.compiler() else {}))
    made.start()
    yield made
    made.kill()


@pytest.fixture
def play(cluster: Cluster) -> Callable[..., list[Run]]:
    """Play a fault so often by a seed; nothing may be wrong in the end. What it tells is returned."""

    def played(fault: ModuleType, runs: int, seed: int = SEED, **more: Any) -> list[Run]:
        stage = Stage(cluster, runs, seed, is_timed=False)
        asyncio.run(fault.play(stage, **more))
        assert stage.told, "it told of no run"
        assert stage.problems == []
        return stage.told

    return played
