"""Formats read any file, from any place where they left off, and refuse what is broken by line, field and reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.importing import FORMATS, CannotImport, format_of, json_array, records
from projects.importing.records import Position, Problem, Record
from projects.importing.source import Source, as_utf8
from tests.support.transfer import DATA

REAL = [
    ("ner/emerging.dev.conll", "conll", 1009),
    ("ner/wnut17train.conll", "conll", 3394),
    ("ner/Hindi-part.conll", "conll", 134),
    ("ner/Telugu-part.conll", "conll", 66),
    ("ner/Urdu-part.conll", "conll", 61),
    ("ner/ja_wikipedia_part.json", "json", 60),
    ("textcat/banking77_part.csv", "csv", 155),
    ("textcat/cooking_part.jsonl", "jsonl", 40),
    ("textcat/nlupp_banking_fold0.json", "json", 104),
    ("tricky_text/youtube_comments_emoji.txt", "text", 92),
    ("tricky_text/asvs_ar_0x02-Preface.md", "text_file", 1),
    ("doccano/text_classification/example_fasttext.txt", "fasttext", 4),
]


def read(path: Path, name: str = "", at: Position | None = None, **options: Any) -> list[Record | Problem]:
    with Source(path) as source:
        found = format_of(source, name)
        return list(found.read(source, at or source.start(), options))


def read_bytes(folder: Path, name: str, content: bytes, **options: Any) -> list[Record | Problem]:
    path = folder / name
    path.write_bytes(content)
    return read(as_utf8(path, folder / "utf8"), name.split(".")[-1], **options)


def said(result: Record | Problem) -> Any:
    return (result.line, result.field, result.reason) if isinstance(result, Problem) else result.text


@pytest.mark.parametrize(("name", "format", "count"), REAL)
def test_it_reads_real_files_whole(name: str, format: str, count: int) -> None:
    with Source(DATA / name) as source:
        assert format_of(source).name == format
    results = read(DATA / name)
    assert [said(r) for r in results if isinstance(r, Problem)] == []
    assert len(results) == count


@pytest.mark.parametrize(("name", "format", "count"), REAL)
def test_it_goes_on_from_wherever_it_stopped(name: str, format: str, count: int) -> None:
    whole = read(DATA / name)
    for stop in {0, 1, count // 2, count - 1} & set(range(count)):
        rest = read(DATA / name, at=whole[stop].after)
        assert [(r.line, said(r)) for r in rest] == [(r.line, said(r)) for r in whole[stop + 1 :]]


ROWS = st.lists(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.text(max_size=12),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
            max_leaves=6,
        ),
        max_size=4,
    ),
    max_size=8,
)


@given(ROWS, st.sampled_from([None, 0, 2]), st.integers(1, 40), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_it_finds_the_elements_of_any_array(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[dict[str, Any]],
    indent: int | None,
    block: int,
    ascii: bool,
) -> None:
    monkeypatch.setattr(json_array, "BLOCK_BYTES", block)
    rows = [{**row, "text": f"t{number}"} for number, row in enumerate(rows)]
    path = tmp_path / "rows.json"
    written = json.dumps(rows, indent=indent, ensure_ascii=ascii).encode("utf-8", "surrogatepass")
    path.write_bytes(written)
    results = read(path)
    assert [r.text for r in results if isinstance(r, Record)] == [row["text"] for row in rows]
    for result, row in zip(results, rows, strict=True):
        assert isinstance(result, Record)
        assert {"text": result.text, **result.columns} == row
        rest = read(path, at=result.after)
        assert [said(r) for r in rest] == [said(r) for r in results[results.index(result) + 1 :]]


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8), min_size=2, max_size=2)
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_it_reads_tables_with_line_breaks_and_quotes_and_goes_on_within(tmp_path: Path, rows: list[list[str]]) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [["text", "other"], *rows]]
    path = tmp_path / "rows.csv"
    path.write_bytes("\r\n".join(quoted).encode())
    results = read(path)
    assert [[r.text, r.columns["other"]] for r in results if isinstance(r, Record)] == rows
    for number, result in enumerate(results):
        assert [said(r) for r in read(path, at=result.after)] == [said(r) for r in results[number + 1 :]]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-8"])
def test_it_tells_the_encoding(tmp_path: Path, encoding: str) -> None:
    text = "Some plain words, 👍 and Ünicode"
    assert [said(r) for r in read_bytes(tmp_path, "a.txt", f"{text}\r\nb\n".encode(encoding))] == [text, "b"]


def test_a_line_break_is_a_line_feed_and_nothing_else(tmp_path: Path) -> None:
    content = "a\u2028b\x0bc\x85d\re\r\nf\n".encode()
    assert [said(r) for r in read_bytes(tmp_path, "a.txt", content)] == ["a\u2028b\x0bc\x85d\re", "f"]


def test_a_file_as_one_task_keeps_every_byte_of_it(tmp_path: Path) -> None:
    content = "\ufefffirst\r\n\r\n  last \n".encode()
    assert [said(r) for r in read_bytes(tmp_path, "a.text_file", content)] == ["first\r\n\r\n  last \n"]


def test_integers_keep_all_their_digits(tmp_path: Path) -> None:
    content = b'{"text":"a","id":123456789012345678901234567890,"x":1.0,"y":[1e3]}\n'
    (record,) = read_bytes(tmp_path, "a.jsonl", content)
    assert isinstance(record, Record)
    assert record.columns == {"id": 123456789012345678901234567890, "x": 1.0, "y": [1000.0]}


BROKEN_JSONL = b"""{"text": "one"}
{"text": "two"
nonsense
{"text": "\xff"}
{"text": "\\ud800"}
["a list"]
{"other": 1}
{"text": 1e999}
{"text": "n", "x": NaN}

"a string"
{"text": "last"}
"""


def test_a_broken_line_costs_no_other(tmp_path: Path) -> None:
    results = [said(r) for r in read_bytes(tmp_path, "a.jsonl", BROKEN_JSONL)]
    assert [r for r in results if isinstance(r, str)] == ["one", "a string", "last"]
    problems = {r[0]: r for r in results if isinstance(r, tuple)}
    assert sorted(problems) == [2, 3, 4, 5, 6, 7, 8, 9]
    assert "not JSON" in problems[2][2]
    assert "not UTF-8" in problems[4][2]
    assert "half of a character" in problems[5][2]
    assert "an object was expected" in problems[6][2]
    assert problems[7][1:] == ("text", "there is no “text”; the row holds “other”")


def test_a_broken_element_costs_no_other(tmp_path: Path) -> None:
    content = b'[{"text": "one"},\n{"text" "two"}, nope, {"text": "\\uD83D"}\n, {"text": "]}{["}]\n'
    results = [said(r) for r in read_bytes(tmp_path, "a.json", content)]
    assert [r if isinstance(r, str) else r[0] for r in results] == ["one", 2, 2, 2, "]}{["]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b'[{"text": "one"}, {"text": "two"', "not closed"), (b'[{"text": "one"}] [', "after the end of the array")],
)
def test_what_cannot_be_delimited_is_told_once(tmp_path: Path, content: bytes, reason: str) -> None:
    results = read_bytes(tmp_path, "a.json", content)
    assert said(results[0]) == "one"
    assert len(results) == 2
    assert reason in said(results[1])[2]


def test_json_need_not_be_an_array(tmp_path: Path) -> None:
    content = b'{"text": "one"}\n{"text":\n "two"}{"text": "three"}'
    assert [said(r) for r in read_bytes(tmp_path, "a.json", content)] == ["one", "two", "three"]


BROKEN_CSV = b'text,label\none,a\ntwo\nthree,b,c\n"four" x,d\nf\xffve,e\n"si\nx",f\n"seven,g\neight,h\n'


def test_a_broken_row_of_a_table_costs_no_other(tmp_path: Path) -> None:
    results = [said(r) for r in read_bytes(tmp_path, "a.csv", BROKEN_CSV)]
    assert [r for r in results if isinstance(r, str)] == ["one", "f\udcffve", "si\nx", "eight"]
    problems = {r[0]: r[2] for r in results if isinstance(r, tuple)}
    assert problems == {
        3: "the row has 1 values, but the header names 2 columns",
        4: "the row has 3 values, but the header names 2 columns",
        5: "after a closing quotation mark stands neither a delimiter nor the end of the row",
        9: "a quotation mark is opened and never closed",
    }


@pytest.mark.parametrize(("header", "delimiter"), [("text;label", ";"), ("text\tlabel", "\t"), ("text|label", "|")])
def test_it_finds_the_delimiter(tmp_path: Path, header: str, delimiter: str) -> None:
    (record,) = read_bytes(tmp_path, "a.csv", f"{header}\na, b{delimiter}c\n".encode())
    assert isinstance(record, Record)
    assert (record.text, record.columns) == ("a, b", {"label": "c"})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a,b\n1,2\n", "There is no column “text” in the header: “a”, “b”."),
        (b"text,text\n1,2\n", "The header names the column “text” twice."),
        (b'"text,a\n1,2\n', "The header cannot be read"),
    ],
)
def test_a_header_without_sense_refuses_the_file(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(CannotImport, match=sentence):
        read_bytes(tmp_path, "a.csv", content)


def test_a_row_that_is_too_long_is_never_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (records, json_array):
        monkeypatch.setattr(module, "MAX_ROW_BYTES", 1000)
    monkeypatch.setattr("projects.importing.source.MAX_ROW_BYTES", 1000)
    monkeypatch.setattr("projects.importing.table.MAX_ROW_BYTES", 1000)
    long = b"x" * 100_000
    line = read_bytes(tmp_path, "a.jsonl", b'{"text":"a"}\n{"text":"' + long + b'"}\n{"text":"b"}\n')
    assert [said(r)[0] if isinstance(r, Problem) else said(r) for r in line] == ["a", 2, "b"]
    row = read_bytes(tmp_path, "a.csv", b'text\na\n"' + long + b"\n" + long + b'"\nb\n')
    assert said(row[0]) == "a"
    assert said(row[-1]) == "b"
    element = read_bytes(tmp_path, "a.json", b'[{"text":"a"},{"text":"' + long + b'"},{"text":"b"}]')
    assert [isinstance(r, Problem) for r in element] == [False, True]


CONLL = """-DOCSTART- -X- O

EU NNP B-ORG
rejects VBZ O

# id 7\tdomain=en
New York\tB-LOC
 \tO

SOCCER O SOCCER
rest\tO

a\tO
b

c\tO
"""


def test_it_reads_columns_comments_and_tokens_with_spaces(tmp_path: Path) -> None:
    results = read_bytes(tmp_path, "a.conll", CONLL.encode())
    first, second, third, fourth, fifth = results
    assert isinstance(first, Record)
    assert (first.text, first.line) == ("EU rejects", 3)
    assert first.meta == {
        "conll": {
            "lengths": [2, 7],
            "columns": [["NNP"], ["VBZ"]],
            "separator": " ",
            "docstart": "-DOCSTART- -X- O",
        }
    }
    assert said(second) == "New York  "
    assert said(third) == (
        10,
        "tag",
        "“SOCCER” is not a tag: O, or B- or I- and a label, was expected in the last column",
    )
    assert said(fourth) == (14, "", "the line has 1 columns, but the sentence began with 2")
    assert said(fifth) == "c"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("a.xlsx", "a spreadsheet or another ZIP archive"), ("b.jsonl", "The file is empty"), ("c.gz", "gzip")],
)
def test_what_is_no_text_is_refused_by_name(tmp_path: Path, name: str, sentence: str) -> None:
    content = {"a": b"PK\x03\x04rest", "b": b"", "c": b"\x1f\x8b\x08"}[name[0]]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CannotImport, match=sentence):
        as_utf8(tmp_path / name, tmp_path / "utf8")


def test_a_name_that_tells_no_format_asks_for_one(tmp_path: Path) -> None:
    (tmp_path / "what.bin").write_bytes(b"hello\n")
    with Source(tmp_path / "what.bin") as source:
        with pytest.raises(CannotImport, match="say which one it is"):
            format_of(source)
        with pytest.raises(CannotImport, match="There is no format “xml”"):
            format_of(source, "xml")
        assert format_of(source, "text") is FORMATS["text"]
