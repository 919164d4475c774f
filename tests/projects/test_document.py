"""The one reading of a document: what counts, what is superseded, what is said twice."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc

from annotator.collaboration.changes import Change, Put, SetText, apply_changes
from projects import document
from projects.document import Resolved, new_id, statement, timestamp
from projects.entries import ID, TIME
from projects.resolution import Resolution, resolve
from projects.schema import Schema

CASES = json.loads(Path(__file__).with_name("resolve_cases.json").read_text())
SCHEMA = Schema.from_json(CASES)
TEXT: str = CASES["text"]


def at(second: int) -> str:
    return f"2026-11-21T12:00:0{second}.000Z"


def doc_of(*changes: Change) -> Doc:
    doc: Doc = Doc()
    with doc.transaction():
        apply_changes(doc, changes)
    return doc


def doc_of_case(case: dict[str, Any]) -> Doc:
    changes = []
    for id, said in case["annotations"].items():
        kind = SCHEMA.fields[said["field"]].kind
        entry = statement(kind, said["field"], said.get("label"), said.get("value"), 1, said["origin"], at(said["at"]))
        changes.append(Put(document.ANNOTATIONS, id, entry))
    for root in (document.LABELS, document.VALUES, document.DECISIONS):
        for id, entry in case.get(root, {}).items():
            changes.append(Put(root, id, {**entry, "by": 2, "at": at(entry["at"])}))
    return doc_of(*changes)


def span(start: int, end: int, **more: Any) -> dict[str, Any]:
    return statement("span", "entities", "person", {"start": start, "end": end}, 1, "human", at(1), **more)


@pytest.mark.promise("P4")
@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_it_reads_the_case(case: dict[str, Any]) -> None:
    said = resolve(doc_of_case(case), SCHEMA, TEXT)
    assert {each.id: each.status for each in said} == case["statuses"]


def test_it_tells_everything_of_an_annotation() -> None:
    model = {"backend": "ner", "version": "3", "score": 0.5, "run": "17"}
    entry = statement("span", "entities", "place", {"start": 0, "end": 5}, None, "model", at(1), **model)
    doc = doc_of(
        Put(document.ANNOTATIONS, "aaaaaaaa", entry),
        Put(document.VALUES, "aaaaaaaa", {"value": {"end": 3, "start": 0}, "by": 2, "at": at(2)}),
        Put(document.LABELS, "aaaaaaaa", {"label": "person", "by": 2, "at": at(2)}),
        Put(document.DECISIONS, "aaaaaaaa", {"status": "accepted", "by": 2, "at": at(2)}),
    )
    (said,) = resolve(doc, SCHEMA, TEXT)
    assert said == Resolved(
        id="aaaaaaaa",
        field="entities",
        kind="span",
        label="person",
        value={"start": 0, "end": 3},
        text="Ada",
        author=None,
        origin="model",
        status="accepted",
        decided_by=2,
        corrected=True,
        created=at(1),
        **model,
    )
    assert list(said.value) == ["start", "end"]
    assert [type(number) for number in said.value.values()] == [int, int]


def test_wordings_are_cut_by_code_points() -> None:
    said = resolve(doc_of(Put(document.ANNOTATIONS, "aaaaaaaa", span(4, 7))), SCHEMA, TEXT)
    assert said[0].text == "👩‍🚀"


def test_a_correction_back_to_what_was_said_is_none() -> None:
    doc = doc_of(
        Put(document.ANNOTATIONS, "aaaaaaaa", span(0, 3)),
        Put(document.LABELS, "aaaaaaaa", {"label": "person", "by": 2, "at": at(2)}),
    )
    assert not resolve(doc, SCHEMA, TEXT)[0].corrected


def test_free_text_is_read_under_its_root() -> None:
    schema = Schema.from_json({"fields": [{"name": "answer", "kind": "text"}, {"name": "notes", "kind": "text"}]})
    (said,) = resolve(doc_of(SetText("text/answer", "héllo 🎉")), schema, TEXT)
    assert (said.id, said.field, said.kind, said.value) == ("text/answer", "answer", "text", "héllo 🎉")
    assert said.status == "accepted"


def test_it_reads_kinds_and_fields_that_it_does_not_know() -> None:
    entry = statement("hologram", "gone", None, {"x": 1}, 1, "human", at(1))
    (said,) = resolve(doc_of(Put(document.ANNOTATIONS, "aaaaaaaa", entry)), SCHEMA, TEXT)
    assert (said.kind, said.field, said.value, said.text) == ("hologram", "gone", {"x": 1}, None)


def test_the_order_is_that_of_ids() -> None:
    ids = [new_id() for _ in range(50)]
    said = resolve(doc_of(*(Put(document.ANNOTATIONS, id, span(0, 3)) for id in ids)), SCHEMA, TEXT)
    assert [each.id for each in said] == sorted(ids)


def test_a_task_is_open_until_the_server_says_otherwise() -> None:
    assert state(doc_of()) == ("open", None, None)
    said = {"status": "submitted", "by": 2, "at": at(2)}
    assert state(doc_of(Put(document.STATE, document.TASK, said))) == ("submitted", 2, at(2))


def state(doc: Doc) -> document.TaskState:
    return Resolution(SCHEMA, TEXT).read(doc).summary().state


def test_ids_are_well_formed_and_sort_by_time() -> None:
    ids = [new_id(moment) for moment in (1, 70_000, 1_790_000_000_000, 1_790_000_000_001)]
    assert ids == sorted(ids)
    uuid7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}")
    assert all(ID.fullmatch(id) and uuid7.fullmatch(id) for id in ids)
    assert len({new_id(1) for _ in range(1000)}) == 1000


def test_timestamps_are_such_as_the_guard_takes() -> None:
    assert TIME.fullmatch(timestamp())


def test_a_statement_leaves_out_what_no_model_said() -> None:
    assert "score" not in span(0, 3, score=None)
    assert span(0, 3, score=0.5)["score"] == 0.5
