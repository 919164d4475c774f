"""The stand-in for a kind that this version does not have: read as it is, written by nobody."""

from __future__ import annotations

from typing import Any

from projects.kinds.base import Wrong
from projects.schema import Field


class Unknown:
    name = "unknown"
    has_label = False
    is_stated = True
    has_text = False

    def check(self, field: Field, label: Any, value: Any, text_length: int) -> None:
        raise Wrong("bad_kind", f"“{field.name}” asks for something that this version does not know")

    def read(self, value: Any) -> Any:
        return value

    def wording(self, value: Any, text: str) -> str | None:
        return None

    def is_single(self, field: Field) -> bool:
        return False
