"""From an edit to `saved`, for many editors in one document: benchmarks/latency.py's, against each of our servers."""

from __future__ import annotations

from typing import Any

from benchmarks.latency import editors
from benchmarks.side_by_side.driver import TEXT
from benchmarks.side_by_side.peers import Ours
from tests.support.node import install_packages


def to_saved(ours: Ours, name: str, count: int, seconds: int, rate: float = 5.0) -> dict[str, Any]:
    install_packages()
    with ours.server(name) as server:
        return editors(server, ours.made, ours.made.documents[0], count, rate, seconds, len(TEXT))
