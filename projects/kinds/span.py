"""Spans of the text: `start` and `end` in Unicode code points, the end exclusive."""

from __future__ import annotations

from typing import Any

from projects.kinds.base import Kind, Wrong, check_label, check_no_label, is_integer, shown
from projects.schema import Field


class Span(Kind):
    name = "span"
    has_label = True

    def check_label(self, field: Field, label: Any) -> None:
        if field.labels:
            check_label(field, label)
        else:
            check_no_label(field, label)

    def check_value(self, field: Field, value: Any, text_length: int) -> None:
        if not isinstance(value, dict) or value.keys() != {"start", "end"}:
            raise Wrong("bad_value", f"a span is {{start, end}}, not {shown(value)}")
        start, end = value["start"], value["end"]
        if not is_integer(start) or not is_integer(end):
            raise Wrong("bad_value", f"a span starts and ends at whole numbers, not at {shown(start)} and {shown(end)}")
        if not 0 <= start < end <= text_length:
            raise Wrong("outside_text", f"{start:.0f} to {end:.0f} is not a span of a text of {text_length} characters")

    def read(self, value: Any) -> Any:
        return {"start": int(value["start"]), "end": int(value["end"])}

    def wording(self, value: Any, text: str) -> str | None:
        return text[int(value["start"]) : int(value["end"])]
