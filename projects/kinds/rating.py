"""Ratings: a whole number within the field's range. The last decision counts."""

from __future__ import annotations

from typing import Any

from projects.kinds.base import Kind, Wrong, check_no_label, is_integer, shown
from projects.schema import Field


class Rating(Kind):
    name = "rating"
    has_label = False

    def check_label(self, field: Field, label: Any) -> None:
        check_no_label(field, label)

    def check_value(self, field: Field, value: Any, text_length: int) -> None:
        if not is_integer(value) or not field.minimum <= value <= field.maximum:
            wanted = f"a whole number from {field.minimum} to {field.maximum}"
            raise Wrong("bad_value", f"a rating of “{field.name}” is {wanted}, not {shown(value)}")

    def read(self, value: Any) -> Any:
        return int(value)

    def is_single(self, field: Field) -> bool:
        return True
