"""Free text: typed into a Text root of its field, character by character. Nothing is stated in `annotations`."""

from __future__ import annotations

from typing import Any

from projects.kinds.base import Kind, Wrong, check_no_label
from projects.schema import Field


class FreeText(Kind):
    name = "text"
    has_label = False
    is_stated = False

    def check_label(self, field: Field, label: Any) -> None:
        check_no_label(field, label)

    def check_value(self, field: Field, value: Any, text_length: int) -> None:
        raise Wrong("bad_kind", f"the answer to “{field.name}” is typed, not stated as an annotation")

    def read(self, value: Any) -> Any:
        return value

    def is_single(self, field: Field) -> bool:
        return True
