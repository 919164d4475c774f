"""The many ways in which tools write labels down, read into one. Knows shapes of JSON; no fields, no labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotator.collaboration.changes import Json
from projects.exact_json import NotJson, read_json
from projects.importing.records import Said

PRODIGY = ("accept", "reject", "ignore")
STARTS, ENDS, NAMES = (
    ("start", "start_offset", "begin"),
    ("end", "end_offset", "stop"),
    ("label", "type", "tag", "entity"),
)
ENOUGH = 0.5  # what spaCy's `cats` must reach to count as said


class NotRead(ValueError):
    """What stands in a column cannot be read as labels. Holds the clause to show."""


def shape_of(value: Json) -> str | None:
    """`spans`, `names` or `number`; None where nothing stands that could tell."""
    if isinstance(value, bool) or value is None or value in ("", [], {}):
        return None
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "names"
    first = next(iter(value.values() if isinstance(value, dict) else value))
    if isinstance(first, list) or (isinstance(first, dict) and is_span(first)):
        return "spans"
    if isinstance(value, dict):
        return "names" if isinstance(first, bool | int | float) else None
    return "names" if isinstance(first, str) else None


def is_span(item: Mapping[str, Any]) -> bool:
    return "span" in item or any(name in item for name in STARTS)


def read_answers(column: str, field: str, kind: str, value: Json) -> Iterator[Said]:
    """What a column says to a field of this kind. Raises NotRead."""
    if kind != "text":
        value = embedded(value)
    if value is None or value in ("", [], {}):
        return
    if kind == "span":
        yield from read_spans(column, field, value)
    elif kind == "choice":
        yield from (Said(column, field, kind, name) for name in read_names(value))
    elif kind == "rating":
        yield Said(column, field, kind, None, read_number(value))
    else:
        yield Said(column, field, kind, None, read_text(value))


def embedded(value: Json) -> Json:
    """A cell of a table may hold a JSON list or object."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return read_json(value.encode("utf-8", "surrogateescape"))
        except NotJson:
            return value
    return value


def read_spans(column: str, field: str, value: Json) -> Iterator[Said]:
    if isinstance(value, dict):  # {"label": {"span": [0, 5]}}, or a list of such
        for name, items in value.items():
            for item in items if isinstance(items, list) and items and isinstance(items[0], dict | list) else [items]:
                yield read_span(column, field, [*item, name] if isinstance(item, list) else {"label": name, **item})
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield read_span(f"{column}[{number}]", field, item)
    else:
        raise NotRead(f"a list of spans was expected, not {str(value)[:60]!r}")


def read_span(column: str, field: str, item: Json) -> Said:
    """[start, end, label], or an object with these under one of their usual names."""
    if isinstance(item, dict) and isinstance(item.get("span"), list):
        item = [*item["span"], first_of(item, NAMES)]
    if isinstance(item, list) and len(item) in (2, 3):
        start, end, label = item if len(item) == 3 else [*item, None]
    elif isinstance(item, dict):
        start, end, label = (first_of(item, names) for names in (STARTS, ENDS, NAMES))
    else:
        raise NotRead(f"{column} is not a span: [start, end, label] was expected, not {str(item)[:60]!r}")
    return Said(column, field, "span", label, {"start": start, "end": end})


def first_of(item: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((item[name] for name in names if name in item), None)


def read_names(value: Json) -> list[Any]:
    if isinstance(value, dict):  # spaCy's cats: {"label": 1.0}
        wrong = next((name for name, score in value.items() if not isinstance(score, bool | int | float)), None)
        if wrong is not None:
            raise NotRead(f"“{wrong[:60]}” must be given as true, false or a number")
        return [name for name, score in value.items() if score >= ENOUGH]
    names = value if isinstance(value, list) else [value]
    return [tidy(name) for name in names]


def tidy(name: Json) -> Any:
    """A label as it is looked up: without spaces around it; a number or a truth value by its JSON."""
    if isinstance(name, str):
        return name.strip()
    if isinstance(name, bool):
        return str(name).lower()
    return str(name) if isinstance(name, int | float) else name


def read_number(value: Json) -> Json:
    """A whole number, also where a table gives it as a string."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    try:
        number = float(value)
    except (TypeError, ValueError):
        return value
    return int(number) if number.is_integer() else number


def read_text(value: Json) -> Json:
    return value[0] if isinstance(value, list) and len(value) == 1 else value
