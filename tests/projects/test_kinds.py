"""The kinds: each says what may be said, and reads it in one form."""

from __future__ import annotations

import pytest

from projects.kinds import KINDS, UNKNOWN, Wrong
from projects.kinds.base import shown
from projects.models import FieldKind
from projects.schema import Field, Label

LABELS = {"person": Label("person", "Person"), "old": Label("old", "Old", removed=True)}
ENTITIES = Field("entities", "Entities", "span", labels=LABELS)


def test_every_kind_that_can_be_set_up_is_known() -> None:
    assert set(KINDS) >= set(FieldKind.values)
    assert all(kind.name == name for name, kind in KINDS.items())


def test_a_span_of_a_field_without_labels_has_none() -> None:
    plain = Field("passages", "Passages", "span")
    KINDS["span"].check(plain, None, {"start": 0, "end": 1}, 10)
    with pytest.raises(Wrong):
        KINDS["span"].check(plain, "person", {"start": 0, "end": 1}, 10)


def test_a_span_may_be_the_whole_text() -> None:
    KINDS["span"].check(ENTITIES, "person", {"start": 0, "end": 10}, 10)


def test_a_span_reads_in_one_form() -> None:
    read = KINDS["span"].read({"end": 3.0, "start": 1.0})
    assert str(read) == "{'start': 1, 'end': 3}"
    assert KINDS["span"].wording(read, "añ👍d") == "ñ👍"


def test_a_rating_is_a_whole_number_of_its_range() -> None:
    stars = Field("stars", "Stars", "rating", minimum=0, maximum=3)
    for value in (0, 3, 2.0):
        KINDS["rating"].check(stars, None, value, 10)
    for value in (-1, 4, 2.5, True, "2", None):
        with pytest.raises(Wrong):
            KINDS["rating"].check(stars, None, value, 10)
    assert repr(KINDS["rating"].read(2.0)) == "2"


def test_only_choices_of_several_and_spans_have_several_answers() -> None:
    assert KINDS["choice"].is_single(Field("tone", "Tone", "choice"))
    assert not KINDS["choice"].is_single(Field("tone", "Tone", "choice", multiple=True))
    assert KINDS["rating"].is_single(Field("stars", "Stars", "rating"))
    assert not KINDS["span"].is_single(ENTITIES)


def test_a_kind_of_a_later_version_is_read_and_not_written() -> None:
    field = Field("shape", "Shape", "hologram")
    assert UNKNOWN.read({"x": 1}) == {"x": 1}
    with pytest.raises(Wrong):
        UNKNOWN.check(field, None, {"x": 1}, 10)


def test_what_is_wrong_is_said_with_what_would_be_right() -> None:
    with pytest.raises(Wrong, match="“Person”") as wrong:
        KINDS["span"].check(ENTITIES, "place", {"start": 0, "end": 1}, 10)
    assert wrong.value.code == "unknown_label"
    with pytest.raises(Wrong, match="was removed"):
        KINDS["span"].check(ENTITIES, "old", {"start": 0, "end": 1}, 10)


def test_values_are_quoted_short() -> None:
    assert shown("x") == "“x”"
    assert len(shown({"a": "x" * 1000})) == 78
