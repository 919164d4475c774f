"""The stand-in for a kind that this version does not have: read as it is, written by nobody."""

from __future__ import annotations

from typing import Any

from projects.kinds.base import Kind, Wrong
from projects.schema import Field


class Unknown(Kind):
    name = "unknown"
    has_label = False

    def check_label(self, field: Field, label: Any) -> None:
        pass  # refused for its value

    def check_value(self, field: Field, value: Any, text_length: int) -> None:
        raise Wrong("bad_kind", f"“{field.name}” asks for something that this version does not know")

    def read(self, value: Any) -> Any:
        return value
