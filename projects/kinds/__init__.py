"""The kinds of annotation, by name. A new kind is one new file here and one line below."""

from __future__ import annotations

from projects.kinds.base import Kind, Wrong
from projects.kinds.choice import Choice
from projects.kinds.rating import Rating
from projects.kinds.span import Span
from projects.kinds.text import FreeText
from projects.kinds.unknown import Unknown

__all__ = ["KINDS", "UNKNOWN", "Kind", "Wrong"]

KINDS: dict[str, Kind] = {kind.name: kind for kind in (Span(), Choice(), FreeText(), Rating())}

UNKNOWN: Kind = Unknown()
