"""CPU seconds and memory of running processes, from /proc (Linux)."""

from __future__ import annotations

import os
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue  # it has just ended
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its children, those that have ended and were waited for, too."""
    total = 0.0
    for each in family(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15])) * TICK
    return total


def resident_kb(pid: int) -> int:
    return status_kb(pid, "VmRSS")


def own_megabytes(pid: int) -> float:
    """Memory that is of nobody else: without the files that a process has mapped."""
    return status_kb(pid, "RssAnon") / 1024


def status_kb(pid: int, name: str) -> int:
    """A size that the kernel tells of a process. Raises OSError, or StopIteration for one that is ending."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{name}:"))


def machine_seconds() -> float:
    """CPU seconds that the whole machine was busy."""
    user, nice, system, _, _, interrupts, soft, *_ = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:])
    return (user + nice + system + interrupts + soft) * TICK
