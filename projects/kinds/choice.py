"""Choices: the label says it. Of a field that is not `multiple`, the last decision counts."""

from __future__ import annotations

from typing import Any

from projects.kinds.base import Wrong, check_label, shown
from projects.schema import Field


class Choice:
    name = "choice"
    has_label = True
    is_stated = True
    has_text = False

    def check(self, field: Field, label: Any, value: Any, text_length: int) -> None:
        check_label(field, label)
        if value is not None:
            raise Wrong("bad_value", f"a choice has no value besides its label, but {shown(value)} was given")

    def read(self, value: Any) -> Any:
        return None

    def wording(self, value: Any, text: str) -> str | None:
        return None

    def is_single(self, field: Field) -> bool:
        return not field.multiple
