"""How people look on a page and in a document: their colour and their initials."""

from __future__ import annotations

import re

# Deep, where labels' colours are of middle lightness; dark pages lift them above those (`--person-lift` in tokens.css). So
# nobody takes a colleague for a label, whatever colours he sees, and neighbours by id stay apart, too: searched for, and
# measured by `tests/projects/test_palette.py`.
PALETTE = (
    "#0924ad",
    "#704d06",
    "#850731",
    "#614599",
    "#854221",
    "#204147",
    "#ad0992",
    "#3c4704",
    "#055c4d",
    "#5b09ad",
    "#323d70",
    "#701c1c",
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
