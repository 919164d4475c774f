"""How benchmarks say what they found: a table for people and, last, one JSON line for programs."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table with its columns aligned."""
    cells = [list(map(str, head)), *[[shown(cell) for cell in row] for row in rows]]
    widths = [max(len(row[at]) for row in cells) for at in range(len(head))]
    print(f"\n{title}")
    for number, row in enumerate(cells):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))


def shown(cell: Any) -> str:
    if cell is None:
        return "-"
    return f"{cell:,.2f}" if isinstance(cell, float) else str(cell)


def percentile(values: Sequence[float], percent: int) -> float:
    """A value that was measured, below which so many percent of all lie; 0 where nothing was."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else 0.0


def finish(name: str, **figures: Any) -> None:
    """The last line of every benchmark."""
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    print(json.dumps({"benchmark": name, "date": datetime.now(UTC).date().isoformat(), "machine": machine, **figures}))
