"""The formats that can be imported, by name. A new one is one new file here and one line below."""

from __future__ import annotations

from pathlib import PurePath

from projects.bio import is_well_formed
from projects.importing.conll import Conll
from projects.importing.json_array import JsonArray
from projects.importing.jsonl import JsonLines
from projects.importing.plain import FastText, TextFile, TextLines
from projects.importing.records import CannotImport, Format, Position, Problem, Record
from projects.importing.source import Source
from projects.importing.table import CSV, TSV

__all__ = ["FORMATS", "CannotImport", "Format", "Position", "Problem", "Record", "format_of"]

_formats: tuple[Format, ...] = (JsonLines(), JsonArray(), CSV, TSV, TextLines(), TextFile(), Conll(), FastText())
FORMATS: dict[str, Format] = {each.name: each for each in _formats}

SNIFFED_LINES = 40


def format_of(source: Source, name: str = "") -> Format:
    """The format that was asked for by name or, without one, that the file's name and first lines tell."""
    if name:
        found = FORMATS.get(name.lower()) or format_of_suffix(name.lower())
        if found is None:
            raise CannotImport(f"There is no format “{name[:40]}”; there is {', '.join(FORMATS)}.")
        return found
    by_suffix = format_of_suffix(PurePath(source.name).suffix.lower().lstrip("."))
    if by_suffix is None or by_suffix.name in ("text", "tsv"):
        by_suffix = looks_like(source.head()) or by_suffix
    if by_suffix is None:
        usual = ", ".join(f".{each.suffixes[0]}" for each in FORMATS.values())
        raise CannotImport(f"The name “{source.name[:80]}” does not tell the format ({usual}); say which one it is.")
    return by_suffix


def format_of_suffix(suffix: str) -> Format | None:
    return next((each for each in FORMATS.values() if suffix in each.suffixes), None)


def looks_like(head: bytes) -> Format | None:
    """What text files are whose first lines all begin with a label, or end with a tag."""
    lines = [line for line in head.decode("utf-8", "replace").splitlines() if line.strip()][:SNIFFED_LINES]
    if lines and lines[0].startswith("__label__"):
        return FORMATS["fasttext"]
    rows = [line.split("\t") for line in lines]
    tagged = len(rows) > 1 and all(len(row) > 1 and is_well_formed(row[-1]) for row in rows)
    return FORMATS["conll"] if tagged else None
