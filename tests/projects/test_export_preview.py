"""An export before it is downloaded: its first bytes as they will be, how much it holds, what its format leaves out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from projects.exporting import FORMATS, Filters, export_chunks
from projects.exporting.preview import LINE_LENGTH, LINES, preview
from projects.models import Field, FieldKind, Task
from tests.support.pages import Markup, Shown, make_shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown() -> Shown:
    return make_shown()


def span(shown: Shown, task: Task, start: int = 0, end: int = 3, **more: object) -> None:
    shown.say(task, value={"start": start, "end": end}, text=task.text[start:end], **more)
    accepted = task.annotations.filter(status="accepted").count()
    waiting = task.annotations.filter(status="suggested").count()
    Task.objects.filter(pk=task.pk).update(annotation_count=accepted, suggestion_count=waiting)


@pytest.mark.parametrize("format", FORMATS)
def test_its_lines_are_those_of_the_file(shown: Shown, format: str) -> None:
    for number in range(40):
        span(shown, shown.task(f"Ada {number} met “Bob”, \t{'x' * 500}\nand went."))
    whole = b"".join(export_chunks(shown.project, format)).decode().splitlines()
    seen = preview(shown.project, format, Filters())
    assert [line.text for line in seen.lines] == [line[:LINE_LENGTH] for line in whole[:LINES]]
    assert [line.is_cut for line in seen.lines] == [len(line) > LINE_LENGTH for line in whole[:LINES]]
    assert seen.goes_on
    assert seen.filename.endswith(format)


def test_a_short_export_is_shown_whole(shown: Shown) -> None:
    shown.task("Ada.")
    seen = preview(shown.project, "jsonl", Filters())
    assert (len(seen.lines), seen.goes_on, seen.tasks) == (1, False, 1)


def test_it_counts_what_the_filters_let_through(shown: Shown) -> None:
    ann = shown.users["annotator"]
    old, new = shown.task("Ada", changed=timezone.now() - timedelta(days=9)), shown.task("Bob", status="submitted")
    span(shown, old, author_id=ann.pk)
    span(shown, new, origin="model", author_id=None)
    span(shown, new, status="suggested", origin="model", author_id=None)

    def amounts(**filters: object) -> tuple[int, int, int]:
        seen = preview(shown.project, "jsonl", Filters(**filters))  # type: ignore[arg-type]
        return seen.tasks, seen.accepted, seen.suggestions

    assert amounts() == (2, 2, 1)
    assert amounts(status="submitted") == (1, 1, 1)
    assert amounts(since=timezone.now() - timedelta(days=1)) == (1, 1, 1)
    assert amounts(annotator="annotator") == (1, 1, 0)
    assert amounts(origin="model") == (1, 1, 1)
    assert amounts(annotator="annotator", status="submitted") == (0, 0, 0)
    assert amounts(annotator="somebody else") == (0, 0, 0)


def test_each_format_says_what_it_leaves_out(shown: Shown) -> None:
    Field.objects.create(project=shown.project, key="tone", name="Tone", kind=FieldKind.CHOICE)
    task = shown.task("Ada met Bob.")
    span(shown, task, 0, 7)
    span(shown, task, 4, 11)
    span(shown, task, 8, 11, status="suggested")
    assert preview(shown.project, "jsonl", Filters()).warnings == []
    conll = " ".join(preview(shown.project, "conll", Filters()).warnings)
    assert "“Entities”. Left out: “Tone”" in conll
    assert "1 span that overlaps another one is left out" in conll
    assert "1 suggestion that nobody decided on is left out" in conll
    csv = " ".join(preview(shown.project, "csv", Filters()).warnings)
    assert "how sure a model was are left out" in csv
    assert "1 suggestion" in csv


def test_an_export_that_there_cannot_be_says_why(shown: Shown) -> None:
    Field.objects.update(kind=FieldKind.CHOICE)
    shown.task()
    text = Markup(shown.html("viewer", "/projects/{id}/export/?format=conll")).text
    assert "CoNLL holds spans, but the project has no field of spans." in text


def test_of_several_fields_of_spans_one_is_chosen(shown: Shown) -> None:
    Field.objects.create(project=shown.project, key="more", name="More", kind=FieldKind.SPAN, position=1)
    span(shown, shown.task("Ada."))
    text = Markup(shown.html("viewer", "/projects/{id}/export/?format=conll&field=entities")).text
    assert "Left out: “More”" in text
    assert "B-Person" in text


def test_what_cannot_be_read_does_not_filter(shown: Shown) -> None:
    shown.task("Ada")
    path = "/projects/{id}/export/?format=nonsense&since=yesterday&status=x&origin=x&annotator=x"
    assert "1 task" in Markup(shown.html("viewer", path)).text


def test_the_preview_is_sent_alone_when_it_is_asked_for(shown: Shown) -> None:
    shown.task("<script>alert(1)</script>")
    path = f"/projects/{shown.project.pk}/export/?format=csv"
    html = shown.browser("viewer").get(path, headers={"X-Part": "preview"}).content.decode()
    assert "<html" not in html
    assert "&lt;script&gt;" in html
    assert shown.browser("stranger").get(path, headers={"X-Part": "preview"}).status_code == 404
