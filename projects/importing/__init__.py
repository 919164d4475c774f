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

FORMATS: dict[str, Format] = {
    each.name: each for each in (JsonLines(), JsonArray(), CSV, TSV, TextLines(), TextFile(), Conll(), FastText())
}

SNIFFED_LINES = 40


def format_of(source: Source, name: str = "") -> Format:
    """The format that was asked for by name or, without one, that the file's name and first lines tell."""
    if name:
        found = FORMATS.get(name.lower())
        if found is None:
            raise CannotImport(f"There is no format “{name[:40]}”; there is {', '.join(FORMATS)}.")
        return found
    suffix = PurePath(source.name).suffix.lower().lstrip(".")
    by_suffix = next((each for each in FORMATS.values() if suffix in each.suffixes), None)
    if by_suffix is None or by_suffix.name in ("text", "tsv"):
        by_suffix = FORMATS["conll"] if looks_like_conll(source.head()) else by_suffix
    if by_suffix is None:
        usual = ", ".join(f".{each.suffixes[0]}" for each in FORMATS.values())
        raise CannotImport(f"The name “{source.name[:80]}” does not tell the format ({usual}); say which one it is.")
    return by_suffix


def looks_like_conll(head: bytes) -> bool:
    """Whether every one of the first lines ends with a tag, and not all with the same word."""
    lines = [line.split("\t") for line in head.decode("utf-8", "replace").splitlines() if line.strip()][:SNIFFED_LINES]
    return len(lines) > 1 and all(len(line) > 1 and is_well_formed(line[-1]) for line in lines)
