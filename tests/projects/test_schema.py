"""The schema of a project, from the database and from JSON: the same."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.models import Field, Label, Project
from projects.schema import Schema


@pytest.mark.django_db
def test_it_is_the_same_from_the_database_and_from_json() -> None:
    project = Project.objects.create(name="P")
    tone = Field.objects.create(project=project, key="tone", name="Tone", kind="choice", multiple=True, position=1)
    Label.objects.create(field=tone, key="good", name="Good", position=1)
    Label.objects.create(field=tone, key="bad", name="Bad", position=0, removed=True)
    Field.objects.create(project=project, key="stars", name="Stars", kind="rating", maximum=9, required=True)
    Field.objects.create(project=Project.objects.create(name="Q"), key="x", name="X", kind="span")
    with CaptureQueriesContext(connection) as queries:
        schema = Schema.load(project.pk)
    assert len(queries) == 2
    assert list(schema.fields) == ["stars", "tone"]
    assert list(schema.fields["tone"].labels) == ["bad", "good"]
    assert [label.name for label in schema.fields["tone"].offered] == ["Good"]
    labels = [{"key": "bad", "name": "Bad", "removed": True}, {"key": "good", "name": "Good", "removed": False}]
    stars = {"key": "stars", "name": "Stars", "kind": "rating", "maximum": 9, "required": True, "labels": []}
    said = [stars, {"key": "tone", "name": "Tone", "kind": "choice", "multiple": True, "labels": labels}]
    assert schema == Schema.from_json({"fields": said})


def test_a_field_without_a_key_has_its_name_as_key() -> None:
    schema = Schema.from_json({"fields": [{"name": "tone", "kind": "choice", "labels": [{"name": "good"}]}]})
    assert schema.fields["tone"].labels["good"].name == "good"
