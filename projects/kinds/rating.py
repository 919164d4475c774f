"""Ratings: a whole number within the field's range. The last decision counts."""

from __future__ import annotations

from typing import Any

from projects.kinds.base import Wrong, check_no_label, is_integer, shown
from projects.schema import Field


class Rating:
    name = "rating"
    has_label = False
    is_stated = True
    has_text = False

    def check(self, field: Field, label: Any, value: Any, text_length: int) -> None:
        check_no_label(field, label)
        if not is_integer(value) or not field.minimum <= value <= field.maximum:
            wanted = f"a whole number from {field.minimum} to {field.maximum}"
            raise Wrong("bad_value", f"a rating of “{field.name}” is {wanted}, not {shown(value)}")

    def read(self, value: Any) -> Any:
        return int(value)

    def wording(self, value: Any, text: str) -> str | None:
        return None

    def is_single(self, field: Field) -> bool:
        return True
