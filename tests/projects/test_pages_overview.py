"""A project's overview: its numbers are those of the rows, and its guidelines are clean."""

from __future__ import annotations

import os

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects import overview
from projects.models import Field, Label
from tests.support.pages import Markup, Shown, make_shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown() -> Shown:
    return make_shown()


def test_it_counts_tasks_by_status(shown: Shown) -> None:
    for status in ("open", "open", "in_progress", "submitted", "skipped"):
        shown.task(status=status)
    progress = overview.progress_of([shown.project.pk])[shown.project.pk]
    assert progress == overview.Progress(open=2, in_progress=1, submitted=1, skipped=1)
    assert (progress.tasks, progress.unfinished) == (5, 3)
    assert "of 5 · 20 %" in Markup(shown.html("viewer", "/projects/{id}/")).text


def test_it_counts_what_people_decided_on_the_models_suggestions(shown: Shown) -> None:
    task = shown.task()
    for status in ("accepted", "accepted", "accepted", "rejected", "suggested"):
        shown.say(task, origin="model", status=status)
    shown.say(task)
    assert overview.said_in(shown.project) == overview.Said(annotations=4, waiting=1, model_accepted=3, model_decided=4)
    assert "75 %" in shown.html("viewer", "/projects/{id}/")


def test_it_counts_accepted_annotations_by_label(shown: Shown) -> None:
    task = shown.task()
    for label, status in (("person", "accepted"), ("person", "accepted"), ("place", "accepted"), ("place", "rejected")):
        shown.say(task, label, status=status)
    lines = overview.label_counts(shown.project)["Entities"]
    assert [(line.label.key, line.count, line.share) for line in lines] == [("person", 2, 100), ("place", 1, 50)]


def test_it_shows_a_removed_label_while_something_uses_it(shown: Shown) -> None:
    Label.objects.update(removed=True)
    assert overview.label_counts(shown.project) == {}
    shown.say(shown.task(), "place")
    assert [line.label.key for line in overview.label_counts(shown.project)["Entities"]] == ["place"]
    assert "(removed)" in shown.html("viewer", "/projects/{id}/")


def test_fields_of_one_name_are_not_mixed_up_in_the_counts(shown: Shown) -> None:
    other = Field.objects.create(project=shown.project, key="other", name="Other", kind="choice", position=1)
    Label.objects.create(field=other, key="person", name="Person")
    shown.say(shown.task(), "person", field="other")
    counts = {name: [line.count for line in lines] for name, lines in overview.label_counts(shown.project).items()}
    assert counts == {"Entities": [0, 0], "Other": [1]}


@pytest.mark.skipif("TEST_POSTGRES" in os.environ, reason="asks SQLite for its plan")
def test_its_numbers_come_from_indexes_alone(shown: Shown) -> None:
    with CaptureQueriesContext(connection) as queries:
        overview.progress_of([shown.project.pk])
        overview.said_in(shown.project)
        overview.label_counts(shown.project)
    groups = [query["sql"] for query in queries if "GROUP BY" in query["sql"]]
    assert len(groups) == 3
    for sql in groups:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(row[3] for row in cursor.fetchall())
        assert "USING COVERING INDEX" in plan, plan


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "[click](JaVaScRiPt:alert(1))",
        "[click](data:text/html;base64,PHNjcmlwdD4=)",
        "<style>*{display:none}</style>",
        "![x](https://elsewhere.example/pixel.png)",
        '<a href="javascript:alert(1)" onclick="alert(1)">x</a>',
        "<iframe src=https://elsewhere.example></iframe>",
        "<svg/onload=alert(1)>",
    ],
)
def test_hostile_guidelines_become_harmless(shown: Shown, hostile: str) -> None:
    shown.project.guidelines = f"# Rules\n\n{hostile}\n\nThe *end*."
    shown.project.save()
    html = shown.html("annotator", "/projects/{id}/")
    page = Markup(html)
    assert page.refused() == []
    assert "<em>end</em>" in html
    assert not {"img", "iframe", "style"} & {tag for tag, _ in page.elements}
    assert not any("elsewhere" in link or link.startswith("data:") for link in page.links())


def test_the_export_page_says_what_conll_cannot_hold(shown: Shown) -> None:
    task = shown.task("Ada Lovelace met Bob.")
    shown.say(task, value={"start": 0, "end": 12})
    assert "overlap" not in Markup(shown.html("viewer", "/projects/{id}/export/")).text
    shown.say(task, value={"start": 4, "end": 12})
    shown.say(task, value={"start": 4, "end": 12}, status="rejected")
    shown.say(task, value={"start": 17, "end": 20})
    told = "Spans that overlap others: 1 of “Entities”. CoNLL leaves them out; JSONL holds them all."
    assert told in Markup(shown.html("viewer", "/projects/{id}/export/")).text
