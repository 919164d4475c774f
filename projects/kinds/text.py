"""Free text: typed into a Text root of its field, character by character. Nothing is stated in `annotations`."""

from __future__ import annotations

from typing import Any

from projects.kinds.base import Wrong
from projects.schema import Field


class FreeText:
    name = "text"
    has_label = False
    is_stated = False
    has_text = False

    def check(self, field: Field, label: Any, value: Any, text_length: int) -> None:
        raise Wrong("bad_kind", f"the answer to “{field.name}” is typed, not stated as an annotation")

    def read(self, value: Any) -> Any:
        return value

    def wording(self, value: Any, text: str) -> str | None:
        return None

    def is_single(self, field: Field) -> bool:
        return True
