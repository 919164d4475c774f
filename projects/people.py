"""How people look on a page and in a document: their colour and their initials."""

from __future__ import annotations

import re

# Each carries white text (contrast 4.5 or more) and differs from its neighbours for colour-blind readers, too.
PALETTE = (
    "#3557e0",
    "#b4478e",
    "#177a5d",
    "#a4530f",
    "#6d4c9f",
    "#0f7490",
    "#b3261e",
    "#5b6b1e",
    "#455a75",
    "#c03a6b",
    "#7a5a12",
    "#2f6f3e",
)


def colour_of(user_id: int) -> str:
    """The colour of a person: always the same, in every room and on every page."""
    return PALETTE[user_id % len(PALETTE)]


def initials(name: str) -> str:
    """One or two characters for an avatar: `annotator-2` is A2, `Ada Lovelace` AL, `bob` BO."""
    parts = re.findall(r"[^\W\d_]+|\d+", name)
    if not parts:
        return name[:1] or "?"
    if len(parts) == 1:
        return str(parts[0][:2].upper())
    return str((parts[0][0] + parts[-1][0]).upper())
