"""The stream protocol, line by line."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.suggestions.events import BackendFailed, Done, Event, Limits, Message, Problem, Progress, Suggestion
from projects.suggestions.lines import Lines
from projects.suggestions.protocol import Reader


def read(**said: Any) -> Event | None:
    return Reader().read(json.dumps(said).encode())


def test_it_reads_a_span() -> None:
    event = read(type="suggestion", field="entities", label="person", start=0, end=3, score=0.5, text="Ada")
    assert event == Suggestion("entities", "person", {"start": 0, "end": 3}, 0.5, "Ada")


def test_it_reads_a_choice_and_a_rating() -> None:
    assert read(type="suggestion", field="topic", label="music") == Suggestion("topic", "music")
    assert read(type="suggestion", field="stars", value=4) == Suggestion("stars", None, 4)


def test_it_reads_progress_either_way() -> None:
    assert read(type="progress", done=1, total=4) == Progress(0.25)
    assert read(type="progress", fraction=0.5) == Progress(0.5)


def test_it_shows_a_message_as_one_line_without_control_characters() -> None:
    assert read(type="message", text="a\n\x1b[31mb" + "x" * 900) == Message(("a [31mb" + "x" * 900)[:499] + "…")


def test_a_version_holds_from_the_line_that_says_it() -> None:
    reader = Reader()
    lines = [
        {"type": "suggestion", "label": "a"},
        {"type": "message", "text": "hello", "version": "2"},
        {"type": "suggestion", "label": "b"},
        {"type": "done"},
    ]
    before, _, after, done = [reader.read(json.dumps(line).encode()) for line in lines]
    assert (before.version, after.version, done) == (None, "2", Done("2"))  # type: ignore[union-attr]


def test_an_empty_line_says_nothing() -> None:
    assert Reader().read(b" \r") is None


def test_an_error_ends_the_run_with_the_backends_words() -> None:
    with pytest.raises(BackendFailed, match="The backend says: out of memory"):
        read(type="error", text="out of memory")


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("{", "is not JSON"),
        ("[1]", "is not a JSON object"),
        ('{"type":"suggestion","score":NaN}', "is not JSON"),
        ('{"label":"a"}', "has no “type”"),
        ('{"type":"prediction"}', "unknown type “prediction”"),
        ('{"type":["suggestion"]}', "unknown type"),
        ('{"type":"suggestion","start":0}', "as “end”"),
        ('{"type":"suggestion","start":"0","end":2}', "as “start”"),
        ('{"type":"suggestion","start":true,"end":2}', "as “start”"),
        ('{"type":"suggestion","start":0.5,"end":2}', "as “start”"),
        ('{"type":"suggestion","start":0,"end":2,"value":3}', "say one of them"),
        ('{"type":"suggestion","label":7}', "as “label”"),
        ('{"type":"suggestion","field":{}}', "as “field”"),
        ('{"type":"suggestion","score":2}', "number from 0 to 1"),
        ('{"type":"suggestion","score":"high"}', "number from 0 to 1"),
        ('{"type":"suggestion","label":"\\ud800"}', "half a character"),
        ('{"type":"progress"}', "tells no progress"),
        ('{"type":"progress","done":5,"total":0}', "tells no progress"),
        ('{"type":"progress","done":' + "9" * 500 + ',"total":1}', "tells no progress"),
        ('{"type":"message"}', "without “text”"),
        ("[" * 50_000, "is not JSON"),
        ("9" * 5000, "is not JSON"),
    ],
)
def test_it_says_what_is_wrong_with_a_line(line: str, part: str) -> None:
    event = Reader().read(line.encode())
    assert isinstance(event, Problem)
    assert event.text.startswith("Line 1 ")
    assert part in event.text
    assert len(event.text) < 300


@given(st.binary(max_size=200))
def test_no_line_is_worse_than_a_problem(line: bytes) -> None:
    assert Reader().read(line) is None or True


@given(st.lists(st.binary(max_size=20).filter(lambda b: b"\n" not in b), max_size=10), st.integers(0, 2**32))
def test_lines_are_the_same_however_they_are_cut(wanted: list[bytes], seed: int) -> None:
    whole = b"".join(line + b"\n" for line in wanted)
    cuts = sorted(random.Random(seed).choices(range(len(whole) + 1), k=5))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    lines = Lines(Limits())
    assert [line for piece in pieces for line in lines.feed(piece)] == wanted


def test_a_last_line_needs_no_line_end() -> None:
    lines = Lines(Limits())
    assert [*lines.feed(b"a\nb"), *lines.finish()] == [b"a", b"b"]


def test_a_line_and_an_answer_have_a_longest() -> None:
    with pytest.raises(BackendFailed, match="longer than 10 bytes"):
        list(Lines(Limits(line_bytes=10)).feed(b"x" * 11))
    with pytest.raises(BackendFailed, match="longer than 10 bytes"):
        list(Lines(Limits(answer_bytes=10)).feed(b"x\n" * 6))
