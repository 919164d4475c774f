"""The comments of a document, as it says them. Pure: knows documents; no rows, no people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from projects.document import COMMENTS, RESOLUTIONS
from projects.resolution import Readable, read_root

ROOTS = frozenset({COMMENTS, RESOLUTIONS})


class Said(NamedTuple):
    """One comment; named and ordered as the columns of `Comment`."""

    key: str
    on: str | None
    reply_to: str | None
    author_id: int | None
    body: str
    quote: str | None
    mentions: list[int]
    created: str
    edited: str | None
    resolved_by_id: int | None
    resolved_at: str | None


def comments_of(doc: Readable) -> dict[str, Said]:
    """Every comment of a document, in the order of ids: as they were made."""
    resolutions = read_root(doc, RESOLUTIONS)
    found: dict[str, Said] = {}
    for key, entry in sorted(read_root(doc, COMMENTS).items()):
        if isinstance(entry, dict):
            solved = resolutions.get(key) or {}
            get = entry.get
            found[key] = Said(
                key,
                get("on"),
                get("reply_to"),
                whole(get("author")),
                get("body", ""),
                get("quote"),
                sorted({int(user_id) for user_id in get("mentions", [])}),
                get("created", ""),
                get("edited"),
                whole(solved.get("by")),
                solved.get("at"),
            )
    return found


def whole(user_id: float | None) -> int | None:
    return None if user_id is None else int(user_id)


def mentioned_in(body: str, members: Mapping[str, int]) -> list[int]:
    """Whom a text mentions by @name: of names that begin alike the longest, and none in the midst of a word."""
    if not members:
        return []
    names = "|".join(re.escape(name) for name in sorted(members, key=len, reverse=True))
    found = re.findall(rf"(?<![\w@])@({names})(?![\w-])", body)
    return sorted({members[name] for name in found})
