"""What rows say arrives as accepted annotations, in every shape that tools write; what cannot be taken is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotator.collaboration.changes import Author, Put
from annotator.collaboration.gate import Gate
from annotator.collaboration.updates import decode_update
from projects import document
from projects.guard import DocumentRules
from projects.importing import CannotImport
from projects.models import Annotation, Document, Label, Project, Task, Update
from projects.projection import known_rows, reading_of, task_status
from projects.questions import add_field, add_label
from projects.schema import Schema
from projects.store import read_document
from tests.support.transfer import DATA, export_lines, import_file, import_rows, import_text, make_project, reasons

pytestmark = pytest.mark.django_db

TEXT = "Ann lives in Oslo 👍 now"


def answers(project: Project) -> list[Any]:
    """What holds of each task: label or value, with the words of a span."""
    lines = export_lines(project)
    return [[holding(said) for said in line["annotations"] if said["decision"] == "accepted"] for line in lines]


def holding(said: dict[str, Any]) -> Any:
    if said["kind"] == "span":
        return said["text"], said["label"]
    return said["label"] or said["value"]


@pytest.mark.parametrize(
    "row",
    [
        {"label": [[0, 3, "person"], [13, 17, "location"]]},
        {"labels": [[0, 3, "person"], [13, 17, "LOCATION"]]},
        {"entities": [[0, 3, "person"], [13, 17, "location"], [0, 3, "person"]]},
        {"entities": [{"id": 1, "start_offset": 0, "end_offset": 3, "label": "person"}, [13, 17, "location"]]},
        {"spans": [{"start": 0, "end": 3, "label": "person"}, {"start": 13, "end": 17, "label": "location"}]},
        {"entities": [{"name": "Ann", "span": [0, 3], "type": "person"}, {"span": [13, 17], "type": "location"}]},
        {"slots": {"person": {"text": "Ann", "span": [0, 3]}, "location": [{"span": [13, 17]}]}},
    ],
)
def test_it_reads_spans_in_every_shape(tmp_path: Path, row: dict[str, Any]) -> None:
    project = make_project("entities")
    job = import_rows(project, tmp_path, [{"text": TEXT, **row}])
    assert reasons(job) == []
    assert answers(project) == [[("Ann", "person"), ("Oslo", "location")]]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"label": "positive"}, ["positive"]),
        ({"label": ["positive"]}, ["positive"]),
        ({"category": "Positive "}, ["positive"]),
        ({"cats": {"positive": 1.0, "negative": 0.0}}, ["positive"]),
        ({"cats": {"positive": True, "negative": False}}, ["positive"]),
        ({"accept": ["positive"], "answer": "accept", "options": []}, ["positive"]),
        ({"label": "positive", "answer": "ignore"}, []),
        ({"label": []}, []),
        ({"label": None}, []),
        ({"label": ""}, []),
    ],
)
def test_it_reads_choices_in_every_shape(tmp_path: Path, row: dict[str, Any], expected: list[str]) -> None:
    project = make_project("both")
    job = import_rows(project, tmp_path, [{"text": TEXT, **row}])
    assert reasons(job) == []
    assert answers(project) == [expected]


def test_several_choices_and_spans_come_from_one_row(tmp_path: Path) -> None:
    project = make_project("choices")
    make_field(project, "slots", "span", ["date"])
    job = import_rows(
        project,
        tmp_path,
        [{"text": "on Monday", "intents": ["sport", "science"], "slots": {"date": {"span": [3, 9]}}}],
    )
    assert reasons(job) == []
    (said,) = answers(project)
    assert sorted(map(str, said)) == sorted(map(str, [("Monday", "date"), "science", "sport"]))


def make_field(project: Project, name: str, kind: str, labels: list[str], **settings: Any) -> None:
    field = add_field(project, name, kind, **settings)
    for label in labels:
        add_label(field, label)


def test_a_rating_and_a_text_are_answers_too(tmp_path: Path) -> None:
    project = make_project("text")
    make_field(project, "stars", "rating", [])
    rows = [{"text": "a", "answer": "short 👍", "stars": 4}, {"text": "b", "stars": 9}, {"text": "c", "answer": 5}]
    job = import_rows(project, tmp_path, rows)
    assert answers(project) == [[4, "short 👍"]]
    assert [(line, field) for line, field, _ in reasons(job)] == [(2, "stars"), (3, "answer")]
    task = Task.objects.get(project=project)
    assert task.annotation_count == 2


def test_prodigy_rejections_are_kept_as_such(tmp_path: Path) -> None:
    project = make_project("both")
    import_rows(project, tmp_path, [{"text": "a", "label": "positive", "answer": "reject", "_task_hash": 7}])
    (line,) = export_lines(project)
    assert [(said["label"], said["decision"]) for said in line["annotations"]] == [("positive", "rejected")]
    assert line["data"] == {"text": "a", "answer": "reject", "_task_hash": 7}


def test_other_columns_stay_with_the_task_as_they_were(tmp_path: Path) -> None:
    project = make_project("entities")
    other = {"b": [1, {"c": None}], "a": "x", "label": "not a span", "long": 12345678901234567890123}
    import_rows(project, tmp_path, [{"id": 5, "text": TEXT, **other}])
    (line,) = export_lines(project)
    assert list(line["data"].items()) == [("text", TEXT), ("id", 5), *other.items()]
    assert line["meta"] == {"file": "rows.jsonl", "line": 1}


def test_options_name_columns_and_field(tmp_path: Path) -> None:
    project = make_project("entities")
    make_field(project, "mood", "choice", ["good", "bad"])
    make_field(project, "other", "choice", ["good", "bad"])
    content = "feeling,body,text\ngood,the text,no\n"
    job = import_text(project, tmp_path, "a.csv", content, text_column="body", label_column="feeling", field="mood")
    assert reasons(job) == []
    (line,) = export_lines(project)
    assert [(said["field"], said["label"]) for said in line["annotations"]] == [("mood", "good")]
    assert line["data"] == {"text": "the text", "text column": "no"}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"field": "mud"}, "There is no field “mud” in the project"),
        ({"nonsense": "x"}, "There is no option “nonsense”"),
        ({"delimiter": ",,"}, "A delimiter is one character"),
        ({"create_labels": "yes"}, "cannot be 'yes'"),
    ],
)
def test_an_option_without_sense_refuses_the_import(tmp_path: Path, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CannotImport, match=sentence):
        import_text(make_project(), tmp_path, "a.csv", "text\na\n", **options)


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"label": [[0, 99, "person"]]}, "label[0]", "0 to 99 is not a span of a text of 23 characters"),
    ({"label": [[3, 3, "person"]]}, "label[0]", "3 to 3 is not a span"),
    ({"label": [[-1, 3, "person"]]}, "label[0]", "-1 to 3 is not a span"),
    ({"label": [[0, 3, "person"], [0, "x", "person"]]}, "label[1]", "a span starts and ends at whole numbers"),
    ({"entities": [[0, 3, "persn"]]}, "entities[0]", "“persn” is not a label of “entities”: “person”, “organisation”"),
    ({"entities": [[0, 3]]}, "entities[0]", "it needs a label of “entities”"),
    ({"category": "great"}, "category", "“great” is not a label of “category”: “positive”, “neutral”, “negative”"),
    ({"category": ["positive", "negative"]}, "category", "“category” takes one answer, but the row gives several"),
    ({"cats": {"positive": "yes"}}, "", "must be given as true, false or a number"),
    ({"x": "a\0b"}, "", "“x” holds a NUL character"),
    ({"text": "a\0b"}, "text", "the text holds a NUL character"),
    ({"text": ""}, "text", "the text is empty"),
    ({"text": 5}, "text", "the text must be a string"),
    ({"text": "x" * (4 * 1024 * 1024 + 1)}, "text", "the text is longer than 4 MB"),
]


@pytest.mark.parametrize(("row", "field", "reason"), REFUSED)
def test_a_refused_row_names_line_field_and_reason(
    tmp_path: Path, row: dict[str, Any], field: str, reason: str
) -> None:
    project = make_project("both")
    job = import_rows(project, tmp_path, [{"text": "before"}, {"text": TEXT, **row}, {"text": "after"}])
    assert (job.state, job.taken, job.refused) == ("done", 2, 1)
    ((line, where, why),) = reasons(job)
    assert (line, where) == (2, field)
    assert reason in why
    assert [line["data"]["text"] for line in export_lines(project)] == ["before", "after"]


def test_a_removed_label_is_not_given_again(tmp_path: Path) -> None:
    project = make_project("both")
    Label.objects.filter(field__project=project, name="negative").update(removed=True)
    job = import_rows(project, tmp_path, [{"text": "a", "label": "negative"}])
    assert "the label “negative” was removed" in reasons(job)[0][2]


def test_labels_are_made_where_a_field_has_none_or_when_it_is_asked_for(tmp_path: Path) -> None:
    project = make_project("both")
    make_field(project, "topic", "choice", [], multiple=True)
    rows = [{"text": "a", "topic": ["x", "y"], "category": "fine"}, {"text": "b", "topic": "x"}]
    job = import_rows(project, tmp_path, rows)
    assert [reason for _, _, reason in reasons(job)] == [
        "“fine” is not a label of “category”: “positive”, “neutral”, “negative”"
    ]
    revision = Project.objects.get(pk=project.pk).revision
    job = import_rows(project, tmp_path, rows, create_labels=True)
    assert reasons(job) == []
    assert Project.objects.get(pk=project.pk).revision > revision
    made = Label.objects.get(field__project=project, name="fine")
    assert made.colour
    assert sorted(answers(project)[1], key=str) == ["fine", "x", "y"]
    job = import_rows(project, tmp_path, [{"text": "c", "topic": "z"}], create_labels=False)
    assert job.refused == 1


@pytest.mark.parametrize("name", ["", "x" * 101, "a\0b"])
def test_a_label_that_cannot_be_one_is_not_made(tmp_path: Path, name: str) -> None:
    project = make_project("choices")
    job = import_rows(project, tmp_path, [{"text": "a", "label": [name, "fine"]}], create_labels=True)
    assert job.refused == 1


def test_doccanos_own_test_files_are_taken_or_refused_for_what_is_wrong_with_them() -> None:
    expected: dict[str, tuple[str, int, list[tuple[int, str]]]] = {
        "example.txt": ("both", 3, []),
        "example.utf16.csv": ("both", 3, []),
        "sequence_labeling/example.conll": ("both", 2, []),
        "sequence_labeling/example.jsonl": ("both", 2, [(3, "text")]),
        "sequence_labeling/example_overlapping.jsonl": ("both", 1, []),
        "sequence_labeling/labeling.invalid.conll": ("both", 2, [(1, "tag")]),
        "sequence_labeling/labeling.trailing.conll": ("both", 1, []),
        "text_classification/example.csv": ("choices", 2, [(4, "text"), (5, "text")]),
        "text_classification/example.json": ("choices", 3, [(5, "text")]),
        "text_classification/example.jsonl": ("choices", 3, []),
        "text_classification/example.invalid.2.csv": ("choices", 2, [(2, "")]),
        "text_classification/example_out_of_order_columns.csv": ("choices", 2, [(4, "text")]),
        "text_classification/example_fasttext.txt": ("choices", 3, [(4, "text")]),
        "relation_extraction/example.jsonl": ("both", 1, []),
        "intent/example.jsonl": ("both", 4, [(5, "text")]),
        "seq2seq/example.csv": ("text", 2, [(2, "text"), (5, "text")]),
        "seq2seq/example.json": ("text", 2, [(4, "text"), (5, "text")]),
        "seq2seq/example.jsonl": ("text", 2, [(3, "text"), (4, "text")]),
    }
    for name, (template, taken, refused) in expected.items():
        job = import_file(make_project(template, name=name), DATA / "doccano" / name, create_labels=True)
        assert (name, job.state, job.taken) == (name, "done", taken)
        assert [(line, field) for line, field, _ in reasons(job)] == refused, name


MIXED = [
    {"text": TEXT, "entities": [[0, 3, "person"], [13, 17, "location"]], "category": "positive"},
    {"text": TEXT, "category": "negative", "answer": "reject"},
    {"text": "👍👍", "entities": [[1, 2, "person"]]},
    {"text": "nothing said"},
]


def test_an_imported_document_is_what_the_gate_and_the_guard_let_in_and_reads_as_its_rows(tmp_path: Path) -> None:
    project = make_project("both")
    make_field(project, "note", "text", [])
    job = import_rows(project, tmp_path, [*MIXED, {"text": "typed", "note": "a\nb👍"}])
    assert reasons(job) == []
    schema = Schema.load(project.pk)
    for row in Document.objects.filter(task__project=project).select_related("task").order_by("id"):
        updates = list(Update.objects.filter(document=row).values_list("seq", "author_id", "origin", "data"))
        assert row.head == row.projected == len(updates)
        doc, head = read_document(row.pk)
        assert head == row.head
        reading = reading_of(doc, schema, row.task.text)
        assert reading.rows == known_rows(row.pk)
        assert reading.summary[1:3] == (row.task.annotation_count, row.task.suggestion_count)
        assert row.task.status == task_status(reading.summary)
        for _, author, origin, data in updates:
            assert (author, origin) == (job.created_by_id, "import")
            check_by_gate_and_guard(bytes(data), DocumentRules(schema, len(row.task.text)), author)
    assert Annotation.objects.filter(project=project).count() == 6


def check_by_gate_and_guard(data: bytes, rules: DocumentRules, user_id: int | None) -> None:
    client = decode_update(data).structs[0].client
    Gate(rules.root_kind).load(data)
    puts = [Put(s.root or "", s.key or "", s.content[0]) for s in decode_update(data).structs if s.key is not None]
    rules.check(puts, Author(user_id, "server", "import"), lambda root, key: None)
    assert client >= 2**53 - 2**32
    assert all(put.root in document.MAP_ROOTS for put in puts)


def test_our_own_export_comes_back_as_it_was(tmp_path: Path) -> None:
    first = make_project("both")
    make_field(first, "note", "text", [])
    lines = json.loads((DATA / "own_export.json").read_text())
    job = import_rows(first, tmp_path, lines)
    assert reasons(job) == []
    once = export_lines(first)
    assert [{**line, "id": 0} for line in once] == [{**line, "id": 0} for line in lines]
    second = make_project("both", name="again")
    make_field(second, "note", "text", [])
    import_rows(second, tmp_path, once)
    again = export_lines(second)
    assert [{**line, "id": 0} for line in again] == [{**line, "id": 0} for line in once]
