"""A preview shows what an import would take, and writes nothing."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from projects.importing.preview import preview
from projects.models import Job, Label, Task
from projects.questions import add_field
from projects.schema import Schema
from tests.support.transfer import make_project

pytestmark = pytest.mark.django_db


def test_it_shows_rows_columns_and_problems(tmp_path: Path) -> None:
    project = make_project("both")
    add_field(project, "topic", "choice")
    path = tmp_path / "upload"
    path.write_text('text,category,topic,page\n"Ann\nin",positive,new,1\nBob,unknown,,2\n' + "x,,,3\n" * 50)
    seen = preview(path, None, {}, Schema.load(project.pk), rows=5, filename="a.csv")
    assert (seen.format, len(seen.rows), seen.new_labels) == ("csv", 5, ["new"])
    assert seen.columns == {"category": "category", "topic": "topic", "page": None}
    first, second = seen.rows[:2]
    assert (first["line"], first["text"], first["data"]) == (2, "Ann\nin", {"page": "1"})
    assert [(said["field"], said["label"]) for said in first["annotations"]] == [
        ("category", "positive"),
        ("topic", "new"),
    ]
    assert (second["line"], second["field"]) == (4, "category")
    assert seen.problems == [second]
    assert not Task.objects.exists()
    assert not Job.objects.exists()
    assert not Label.objects.filter(name="new").exists()


def test_it_cuts_a_long_text(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("long " * 1000)
    (row,) = preview(path, "", None, Schema.load(make_project().pk)).rows
    assert row["cut"]
    assert len(row["text"]) == 400


def command(*arguments: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_tasks", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_reports_what_it_took_and_refused(tmp_path: Path) -> None:
    project = make_project("classification", name="By name")
    path = tmp_path / "a.csv"
    path.write_text("text,category\na,positive\nb,great\n")
    out, err = command("By name", path)
    assert "1 tasks taken, 1 rows refused" in out
    assert "line 3, category: “great” is not a label" in err
    out, _ = command(project.pk, path, "--create-labels", "--user", "ann")
    assert "2 tasks taken, 0 rows refused" in out
    assert path.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nope", "a.csv"), "There is no project “nope”"),
        (("p", "missing.csv"), "No such file"),
        (("p", "a.csv", "--field", "x"), "There is no field “x”"),
        (("p", "a.csv", "--user", "x"), "There is no user “x”"),
        (("p", "a.csv", "--text-column", "x"), "There is no column “x”"),
    ],
)
def test_the_command_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: Any, sentence: str
) -> None:
    make_project()
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("text\na\n")
    with pytest.raises(CommandError, match=sentence):
        command(*arguments)


def test_a_name_that_two_projects_have_is_not_guessed() -> None:
    make_project()
    make_project()
    with pytest.raises(CommandError, match="Several projects"):
        command("p", "a.csv")
