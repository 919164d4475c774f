"""Who took something away, as an event: the bytes of a deletion name what is gone, but nobody who did it.

Sent before the change itself is shown, to all but its author. Knows changes; no sessions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotator.collaboration.changes import Change, Remove

MOST_KEYS = 100  # of one change; a colleague reads one line about it


def removal(by: int | None, changes: Sequence[Change]) -> dict[str, Any] | None:
    """What to tell of the keys that a change by this user takes away, if it takes any."""
    keys: dict[str, list[str]] = {}
    removed = [change for change in changes if isinstance(change, Remove)]
    for change in removed[-MOST_KEYS:]:
        keys.setdefault(change.root, []).append(change.key)
    return {"type": "removed", "by": by, "keys": keys} if keys else None
