"""Choices: the label says it. Of a field that is not `multiple`, the last decision counts."""

from __future__ import annotations

from typing import Any

from projects.kinds.base import Kind, Wrong, check_label, shown
from projects.schema import Field


class Choice(Kind):
    name = "choice"
    has_label = True

    def check_label(self, field: Field, label: Any) -> None:
        check_label(field, label)

    def check_value(self, field: Field, value: Any, text_length: int) -> None:
        if value is not None:
            raise Wrong("bad_value", f"a choice has no value besides its label, but {shown(value)} was given")

    def read(self, value: Any) -> Any:
        return None

    def is_single(self, field: Field) -> bool:
        return not field.multiple
