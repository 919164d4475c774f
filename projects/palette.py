"""The colours and hotkeys that labels get by default. Knows no records.

The first eight colours were searched for, not picked: any two of them stay apart for people with protan, deutan and
tritan vision, and each, mixed into a tag as the workspace does, is readable on light and on dark panels
(`tests/projects/test_palette.py` measures both). Those after them keep the contrast but are nearer to each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

COLOURS = (
    "#1878fc",  # blue
    "#e44800",  # vermilion
    "#3c8a7e",  # teal
    "#c65478",  # rose
    "#787e54",  # olive
    "#c04ec6",  # purple
    "#548a24",  # green
    "#9c6c9c",  # mauve
    "#367ec0",
    "#de486c",
    "#ba6c30",
    "#c03cf6",
    "#ae6c84",
    "#a860ae",
    "#4e846c",
    "#668a42",
)

# a, x, j, k, n and p are commands of the workspace.
RESERVED_HOTKEYS = frozenset("axjknp")
HOTKEYS = "123456789" + "".join(key for key in "qwertyuiopasdfghjklzxcvbnm" if key not in RESERVED_HOTKEYS)


def next_colour(used: Iterable[str]) -> str:
    """The first colour that is not used; when all are, the one used least."""
    counts = Counter(colour.lower() for colour in used)
    return min(COLOURS, key=lambda colour: counts[colour])  # `min` keeps the palette's order among equals


def next_hotkey(used: Iterable[str]) -> str:
    """The first key that is free, or none: a project may have more labels than there are keys."""
    taken = set(used)
    return next((key for key in HOTKEYS if key not in taken), "")
