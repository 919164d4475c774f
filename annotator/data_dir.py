"""Who may use a data folder at the same time. Knows a lock file; nothing of what lies in the folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

_held: dict[Path, int] = {}  # open for as long as this process lives


class AlreadyServed(Exception):
    """Another process uses this data folder. Holds the sentence to show."""


def hold_data_dir(data_dir: Path, *, alone: bool = True) -> None:
    """Hold the folder until this process ends; who serves in it already may call again.

    Two servers that do not hear of each other (without Redis) would show people half of the edits: the second one must not
    start. With Redis they share the folder (`alone=False`), and only a restore finds it held. Raises AlreadyServed.
    """
    if data_dir in _held:
        return
    data_dir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(data_dir / "serve.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise AlreadyServed(
            f"Another server already runs on {data_dir}. Stop it, or give another DATA_DIR; "
            "several servers on one installation need REDIS_URL, by which they hear of each other."
        ) from None
    _held[data_dir] = descriptor
