"""A resolution that follows a live document says what one says that reads it whole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Map, Text

from annotator.collaboration.changes import Change, Json, Put, Remove, SetText, apply_changes
from projects import document
from projects.document import statement
from projects.resolution import Resolution, Summary
from projects.schema import Schema

TEXT = "Ada met Grace in Zürich 👩‍🚀."
SCHEMA = Schema.from_json(
    {
        "fields": [
            {"name": "entities", "kind": "span", "labels": [{"name": "person"}, {"name": "place"}]},
            {"name": "mood", "kind": "choice", "labels": [{"name": "good"}, {"name": "bad"}]},
            {"name": "stars", "kind": "rating"},
            {"name": "notes", "kind": "text"},
        ]
    }
)
SPAN_IDS = st.sampled_from([f"span-{number:04}" for number in range(4)])  # only what is a span has its value corrected
OTHER_IDS = st.sampled_from([f"other-{number:04}" for number in range(4)])
IDS = SPAN_IDS | OTHER_IDS
TIMES = st.integers(0, 3).map(lambda second: f"2026-11-21T12:00:0{second}.000Z")
PEOPLE = st.integers(1, 3)
ORIGINS = st.sampled_from(["human", "model", "import", "api"])
LABELS = st.sampled_from(["person", "place"])
SPANS = st.sampled_from([{"start": 0, "end": 3}, {"end": 13, "start": 8}])


def said(kind: str, field: str, label: Any, value: Any) -> st.SearchStrategy[dict[str, Json]]:
    return st.builds(statement, st.just(kind), st.just(field), label, value, PEOPLE, ORIGINS, TIMES)


OTHERS = st.one_of(
    said("choice", "mood", st.sampled_from(["good", "bad"]), st.none()),
    said("rating", "stars", st.none(), st.integers(1, 5)),
    said("hologram", "gone", st.none(), st.just({"x": 1.5, "y": 2})),
)
DECISIONS = st.fixed_dictionaries({"status": st.sampled_from(["accepted", "rejected"]), "by": PEOPLE, "at": TIMES})
CHANGES = st.one_of(
    st.builds(Put, st.just(document.ANNOTATIONS), SPAN_IDS, said("span", "entities", LABELS, SPANS)),
    st.builds(Put, st.just(document.ANNOTATIONS), OTHER_IDS, OTHERS),
    st.builds(Put, st.just(document.LABELS), IDS, st.fixed_dictionaries({"label": LABELS, "by": PEOPLE, "at": TIMES})),
    st.builds(
        Put, st.just(document.VALUES), SPAN_IDS, st.fixed_dictionaries({"value": SPANS, "by": PEOPLE, "at": TIMES})
    ),
    st.builds(Put, st.just(document.DECISIONS), IDS, DECISIONS),
    st.builds(Remove, st.sampled_from([document.ANNOTATIONS, document.LABELS, document.DECISIONS]), IDS),
    st.builds(SetText, st.just("text/notes"), st.sampled_from(["", "a", "👍 b"])),
    st.builds(
        Put,
        st.just(document.STATE),
        st.just(document.TASK),
        st.fixed_dictionaries({"status": st.sampled_from(["submitted", "open"]), "by": PEOPLE, "at": TIMES}),
    ),
)


class Live:
    """A document as a room shows it."""

    def __init__(self) -> None:
        self.doc: Doc[Any] = Doc()

    def change(self, changes: list[Change]) -> set[tuple[str, str]]:
        with self.doc.transaction():
            apply_changes(self.doc, changes)
        return {(change.root, getattr(change, "key", "")) for change in changes}

    def value(self, root: str, key: str) -> Json | None:
        return self.doc.get(root, type=Map).get(key)

    def words(self, root: str) -> str:
        return str(self.doc.get(root, type=Text))


def whole_reading(doc: Doc[Any]) -> Resolution:
    return Resolution(SCHEMA, TEXT).read(doc)


@pytest.mark.promise("P4")
@given(st.lists(st.lists(CHANGES, max_size=6), max_size=8))
def test_following_says_what_reading_says(batches: list[list[Change]]) -> None:
    live = Live()
    follower = whole_reading(live.doc)
    rows = {each.id: each for each in follower}
    for changes in batches:
        changed = follower.follow(live, live.change(changes))
        for id in changed:
            now = follower.get(id)
            if now is None:
                rows.pop(id, None)
            else:
                rows[id] = now
        read = whole_reading(live.doc)
        assert list(follower) == list(read)
        assert follower.summary() == read.summary()
        assert rows == {each.id: each for each in read}


def test_an_edit_says_only_what_it_changed() -> None:
    live = Live()
    person = statement("span", "entities", "person", {"start": 0, "end": 3}, 1, "human", "2026-11-21T12:00:00.000Z")
    guess = statement("span", "entities", "person", {"start": 0, "end": 3}, None, "model", "2026-11-21T12:00:00.000Z")
    live.change([Put(document.ANNOTATIONS, f"other-{n:04}", {**person, "label": "place"}) for n in range(3)])
    live.change([Put(document.ANNOTATIONS, "guess", guess)])
    follower = whole_reading(live.doc)
    assert follower.summary() == Summary(annotations=1, suggestions=1, begun=True)
    assert follower.follow(live, live.change([Put(document.ANNOTATIONS, "mine", person)])) == {"mine", "guess"}
    found = follower.get("guess")
    assert found is not None
    assert found.status == document.DUPLICATE
    assert follower.follow(live, live.change([Remove(document.ANNOTATIONS, "mine")])) == {"mine", "guess"}
    assert follower.get("mine") is None


def test_numbers_are_integers_either_way() -> None:
    live = Live()
    entry = statement("span", "entities", "person", {"start": 0, "end": 3}, 7, "human", "2026-11-21T12:00:00.000Z")
    follower = whole_reading(live.doc)
    follower.follow(live, live.change([Put(document.ANNOTATIONS, "aaaaaaaa", entry)]))
    found = follower.get("aaaaaaaa")
    assert found is not None
    assert [type(number) for number in (found.author, *found.value.values())] == [int, int, int]
