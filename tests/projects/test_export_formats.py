"""An export is exact, deterministic and streamed; each format says what it can and tells what it leaves out."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError

from annotator.collaboration.changes import Put, SetText, apply_changes
from annotator.collaboration.journal import Entry
from projects import document
from projects.exporting import CannotExport, Filters, export_chunks, export_stream, tasks
from projects.exporting.overlaps import overlapping_spans
from projects.models import Document, Label, Project, Task
from projects.projection import project_from_journal
from projects.questions import add_field
from projects.store import DatabaseStore, read_document
from tests.support.transfer import export, export_lines, import_rows, import_text, make_project

AT = "2026-01-31T12:00:00.000Z"


def edit(task: Task, *changes: Put | SetText, user_id: int, origin: str = "human") -> Document:
    """Commit changes to the journal, as a room does; the rows stay behind."""
    row, _ = Document.objects.get_or_create(task=task, annotator=None)
    doc, _ = read_document(row.pk)
    before = doc.get_state()
    with doc.transaction():
        apply_changes(doc, changes)
    entry = Entry(row.pk, row.epoch, user_id, origin, datetime.now(UTC), doc.get_update(before))
    DatabaseStore().append([[entry]])
    return row


def span(start: int, end: int, label: str, author: int | None, origin: str = "human", **model: Any) -> Put:
    said = document.statement("span", "entities", label, {"start": start, "end": end}, author, origin, AT, **model)
    return Put(document.ANNOTATIONS, document.new_id(), said)


def decision(key: str, status: str, by: int) -> Put:
    return Put(document.DECISIONS, key, {"status": status, "by": by, "at": AT})


@pytest.fixture
def ann(db: None) -> Any:
    return get_user_model().objects.create(username="ann")


@pytest.fixture
def project(ann: Any) -> Project:
    return make_project("both")


@pytest.mark.promise("P6")
def test_what_was_committed_is_in_it_before_the_rows_know(project: Project, ann: Any, tmp_path: Path) -> None:
    add_field(project, "note", "text")
    import_rows(project, tmp_path, [{"text": f"Ann {n}", "label": [[0, 3, "person"]]} for n in range(5)])
    task = Task.objects.filter(project=project)[2]
    row = edit(
        task,
        span(4, 5, "product", ann.pk),
        SetText("text/note", "typed"),
        Put(document.STATE, document.TASK, {"status": "submitted", "by": ann.pk, "at": AT}),
        user_id=ann.pk,
    )
    row.refresh_from_db()
    assert (row.head, row.projected) == (2, 1)
    before = export(project)
    line = json.loads(before.splitlines()[2])
    assert line["status"] == "submitted"
    assert [said["label"] or said["value"] for said in line["annotations"]] == ["person", "product", "typed"]
    assert [json.loads(x)["id"] for x in export(project, status="submitted").splitlines()] == [task.pk]
    project_from_journal(row.pk)
    assert export(project) == before
    assert [line["id"] for line in export_lines(project, status="submitted")] == [task.pk]


def test_the_same_state_gives_the_same_bytes_in_chunks_of_any_size(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {"text": "Ann " * (1 + n % 7), "label": [[4 * k, 4 * k + 3, "person"] for k in range(n % 7)]} for n in range(90)
    ]
    import_rows(project, tmp_path, rows)
    for format in ("jsonl", "json", "csv", "conll"):
        whole = export(project, format)
        for name, value in (
            ("FIRST_CHUNK", 1),
            ("LARGEST_CHUNK", 3),
            ("CHUNK_CHARACTERS", 20),
            ("CHUNK_ANNOTATIONS", 2),
        ):
            with monkeypatch.context() as patch:
                patch.setattr(tasks, name, value)
                assert export(project, format) == whole, (format, name)
    assert [line["data"]["text"] for line in json.loads(export(project, "json"))] == [row["text"] for row in rows]


def test_an_empty_project_gives_an_empty_file_of_its_format(project: Project) -> None:
    assert export(project) == b""
    assert json.loads(export(project, "json")) == []
    assert export(project, "csv") == b"id,status,text,entities,category,data\n"
    assert export(project, "conll") == b""


def test_names_are_those_of_today(project: Project, ann: Any, tmp_path: Path) -> None:
    import_rows(project, tmp_path, [{"text": "Ann", "label": [[0, 3, "person"]]}])
    project.fields.filter(key="entities").update(name="Names")
    Label.objects.filter(field__project=project, key="person").update(name="human", removed=True)
    get_user_model().objects.filter(pk=ann.pk).update(username="anne")
    (said,) = export_lines(project)[0]["annotations"]
    assert (said["field"], said["label"], said["author"]) == ("Names", "human", "anne")


def test_a_suggestion_keeps_where_it_came_from_and_what_became_of_it(project: Project, ann: Any) -> None:
    task = Task.objects.create(project=project, text="Ann in Oslo")
    model = {"backend": "Memory", "version": "2", "score": 0.5, "run": "9"}
    accepted, rejected, open_ = (
        span(*s, None, "model", **model) for s in ((0, 3, "person"), (4, 6, "person"), (7, 11, "location"))
    )
    edit(task, accepted, rejected, open_, user_id=ann.pk, origin="model")
    edit(task, decision(accepted.key, "accepted", ann.pk), decision(rejected.key, "rejected", ann.pk), user_id=ann.pk)
    said = export_lines(project)[0]["annotations"]
    assert [(s["text"], s["decision"], s["decided_by"]) for s in said] == [
        ("Ann", "accepted", "ann"),
        ("in", "rejected", "ann"),
        ("Oslo", None, None),
    ]
    assert all(
        (s["backend"], s["version"], s["score"], s["run"], s["origin"]) == ("Memory", "2", 0.5, "9", "model")
        for s in said
    )
    assert list(said[0]) == [
        *("id", "field", "kind", "label", "value", "text", "author", "origin", "decision", "score", "created"),
        *("backend", "version", "run", "decided_by"),
    ]


def test_filters_choose_tasks_and_annotations(project: Project, ann: Any, tmp_path: Path) -> None:
    bob = get_user_model().objects.create(username="bob")
    import_rows(project, tmp_path, [{"text": "Ann", "label": [[0, 3, "person"]]}, {"text": "Bob"}, {"text": "Cid"}])
    first, second, third = Task.objects.filter(project=project)
    for projected in (False, True):
        if projected:
            for row in Document.objects.filter(task__project=project):
                project_from_journal(row.pk)
        else:
            edit(second, said := span(0, 3, "person", bob.pk), user_id=bob.pk)
            edit(second, decision(said.key, "accepted", ann.pk), user_id=ann.pk)
        found = {
            name: [(line["id"], len(line["annotations"])) for line in export_lines(project, **filters)]
            for name, filters in {
                "bob": {"annotator": "bob"},
                "ann": {"annotator": "ann"},
                "import": {"origin": "import"},
                "human": {"origin": "human"},
                "model": {"origin": "model"},
                "in_progress": {"status": "in_progress"},
                "open": {"status": "open"},
            }.items()
        }
        assert found == {
            "bob": [(second.pk, 1)],
            "ann": [(first.pk, 1), (second.pk, 1)],
            "import": [(first.pk, 1)],
            "human": [(second.pk, 1)],
            "model": [],
            "in_progress": [(second.pk, 1)],
            "open": [(first.pk, 1), (third.pk, 0)],
        }
    Task.objects.filter(pk=first.pk).update(changed=datetime(2020, 1, 1, tzinfo=UTC))
    since = datetime.now(UTC) - timedelta(hours=1)
    assert [line["id"] for line in export_lines(project, since=since)] == [second.pk, third.pk]


@pytest.mark.parametrize(
    ("format", "filters", "sentence"),
    [
        ("xml", {}, "There is no format “xml”"),
        ("jsonl", {"status": "done"}, "A status is one of open"),
        ("jsonl", {"origin": "me"}, "An origin is one of"),
        ("jsonl", {"since": datetime(2026, 1, 1)}, "A time needs a time zone"),
        ("conll", {"field": "category"}, "There is no field “category” of spans"),
    ],
)
def test_it_refuses_before_the_first_byte(
    project: Project, format: str, filters: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CannotExport, match=sentence):
        export_chunks(project, format, Filters(**filters))


def test_conll_asks_which_of_several_fields_is_meant(project: Project) -> None:
    add_field(project, "more", "span")
    with pytest.raises(CannotExport, match="say which"):
        export_chunks(project, "conll")
    assert export(project, "conll", field="more") == b""


def test_it_tells_nobody_which_names_have_an_account(project: Project, ann: Any, tmp_path: Path) -> None:
    get_user_model().objects.create(username="stranger")
    import_rows(project, tmp_path, [{"text": "Ann", "label": [[0, 3, "person"]]}, {"text": "Bob"}])
    assert export_lines(project, annotator="stranger") == export_lines(project, annotator="nobody") == []
    with pytest.raises(CommandError, match="There is no user “nobody”"):
        call_command("export", str(project.pk), "--annotator", "nobody")


def test_overlaps_are_counted_before_an_export(project: Project, tmp_path: Path) -> None:
    nested = [[0, 8, "organisation"], [0, 3, "location"], [4, 11, "person"], [12, 17, "product"]]
    import_rows(
        project,
        tmp_path,
        [{"text": "New York in Parks", "label": nested}, {"text": "New York", "label": [[0, 3, "location"]]}],
    )
    assert overlapping_spans(project) == {"entities": 2}
    whole = export_chunks(project, "conll")
    assert b"".join(whole)
    assert whole.left_out == 2


def test_conll_leaves_out_what_overlaps_and_counts_it(project: Project, tmp_path: Path) -> None:
    label = [[0, 8, "organisation"], [0, 3, "location"], [4, 11, "person"], [9, 11, "location"], [12, 17, "product"]]
    import_rows(project, tmp_path, [{"text": "New York in Parks", "label": label}])
    whole = export_chunks(project, "conll")
    assert b"".join(whole).decode() == (
        "New\tB-organisation\nYork\tI-organisation\nin\tB-location\nParks\tB-product\n\n"
    )
    assert whole.left_out == 2


def test_conll_cuts_tokens_where_a_span_does(project: Project, tmp_path: Path) -> None:
    import_rows(project, tmp_path, [{"text": "Oslobus  #1", "label": [[0, 4, "location"], [9, 11, "product"]]}])
    assert export(project, "conll").decode() == "Oslo\tB-location\nbus\tO\n#\tB-product\n1\tI-product\n\n"


@pytest.mark.parametrize(
    "meta", [{"lengths": [1, 1]}, {"lengths": "x"}, {"lengths": [3, 4, 0]}, {"lengths": [9]}, 5, {}]
)
def test_meta_that_does_not_fit_the_text_is_not_believed(project: Project, meta: Any) -> None:
    Task.objects.create(project=project, text="New York", meta={"conll": meta})
    assert export(project, "conll").decode() == "New\tO\nYork\tO\n\n"


def test_csv_changes_no_cell(project: Project, tmp_path: Path) -> None:
    texts = ["=1+1", "+a", "-b", "@c", 'say "hi"', "a,b", "a\r\nb", " padded ", "\ttab", "😀"]
    import_rows(project, tmp_path, [{"text": text, "label": "positive", "n": 1} for text in texts])
    rows = list(csv.DictReader(io.StringIO(export(project, "csv").decode(), newline="")))
    assert [row["text"] for row in rows] == texts
    assert {(row["category"], row["data"], row["status"]) for row in rows} == {("positive", '{"n":1}', "open")}


def test_csv_holds_spans_and_several_answers_as_lists_and_comes_back(ann: Any, tmp_path: Path) -> None:
    first, second = (make_project("choices", name=name) for name in "ab")
    for one in (first, second):
        add_field(one, "spans", "span")
    rows = [{"text": "a 👍 c", "topics": ["sport", "science"], "spans": [[0, 1, "x"], [2, 3, "y"]]}, {"text": "b"}]
    import_rows(first, tmp_path, rows)
    written = export(first, "csv").decode()
    (row, _) = csv.DictReader(io.StringIO(written, newline=""))
    assert (row["topics"], row["spans"]) == ('["science","sport"]', '[[0,1,"x"],[2,3,"y"]]')
    import_text(second, tmp_path, "again.csv", written)
    said = [[(s["field"], s["label"], s["value"]) for s in line["annotations"]] for line in export_lines(first)]
    again = [[(s["field"], s["label"], s["value"]) for s in line["annotations"]] for line in export_lines(second)]
    assert [sorted(map(str, x)) for x in again] == [sorted(map(str, x)) for x in said]


@pytest.mark.django_db(transaction=True)
async def test_it_streams_without_blocking_the_loop(tmp_path: Path) -> None:
    def made() -> Any:
        get_user_model().objects.get_or_create(username="ann")
        project = make_project("both")
        import_rows(project, tmp_path, [{"text": f"Ann {n}"} for n in range(300)])
        return project, export(project)

    project, wanted = await asyncio.to_thread(made)
    whole = await asyncio.to_thread(export_chunks, project)
    assert b"".join([chunk async for chunk in export_stream(whole)]) == wanted
    broken_off = export_stream(await asyncio.to_thread(export_chunks, project))
    await anext(broken_off)
    await broken_off.aclose()


def test_the_command_writes_a_file_that_is_whole(project: Project, tmp_path: Path, capsysbinary: Any) -> None:
    import_rows(project, tmp_path, [{"text": "Ann", "label": [[0, 3, "person"], [1, 2, "person"]]}])
    out = tmp_path / "out.conll"
    call_command("export", str(project.pk), "--format", "conll", "--output", str(out))
    assert out.read_bytes() == export(project, "conll")
    assert list(tmp_path.glob("*.part")) == []
    assert b"1 annotations overlap" in capsysbinary.readouterr().err
    call_command("export", "p", "--format", "jsonl")
    assert capsysbinary.readouterr().out == export(project)
    with pytest.raises(CommandError, match="There is no project “no”"):
        call_command("export", "no")
    with pytest.raises(CommandError, match="is not a time like"):
        call_command("export", "p", "--since", "yesterday")
