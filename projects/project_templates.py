"""Ready-made projects: which fields and labels each brings, how a project is made of one. No forms, no HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from projects.models import Backend, FieldKind, Membership, Project, Role
from projects.questions import add_field, add_label

MEMORY = "memory"  # the built-in suggester: needs no server, learns from what the team accepts


@dataclass(frozen=True)
class TemplateField:
    """A field as a template brings it. `labels` are only what is offered first: a project may bring its own."""

    name: str
    kind: FieldKind
    asks: str  # what its labels are, for the person who fills in the form
    labels: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Template:
    key: str
    name: str
    description: str
    fields: tuple[TemplateField, ...]

    @property
    def labelled_fields(self) -> tuple[TemplateField, ...]:
        return tuple(field for field in self.fields if field.labels)


ENTITIES = TemplateField(
    "entities", FieldKind.SPAN, "What is marked in the text", ("person", "organisation", "location", "product")
)
CATEGORY = TemplateField(
    "category", FieldKind.CHOICE, "What a text can be, one of", ("positive", "neutral", "negative"), {"required": True}
)
TOPICS = TemplateField(
    "topics",
    FieldKind.CHOICE,
    "What a text can be, several of",
    ("politics", "business", "science", "sport", "culture"),
    {"multiple": True},
)
ANSWER = TemplateField("answer", FieldKind.TEXT, "", settings={"required": True})

TEMPLATES = {
    template.key: template
    for template in (
        Template("entities", "Entities", "Mark names and other passages in the text.", (ENTITIES,)),
        Template("classification", "Classification", "Each text gets exactly one label.", (CATEGORY,)),
        Template("choices", "Several choices", "Each text gets any number of labels.", (TOPICS,)),
        Template("text", "Free text", "Write a summary, a translation or an answer, together.", (ANSWER,)),
        Template("both", "Entities and a choice", "Mark passages, and give the text one label.", (ENTITIES, CATEGORY)),
    )
}


@transaction.atomic
def create_project(
    name: str,
    template: str,
    labels: Mapping[str, Sequence[str]] | None,
    owner: Any,
    *,
    description: str = "",
    guidelines: str = "",
    members: Iterable[tuple[Any, Role]] = (),
) -> Project:
    """A whole project of a template. `labels` holds names by the field's name; a field left out gets the template's."""
    project = Project.objects.create(name=name, description=description, guidelines=guidelines)
    for field_ in TEMPLATES[template].fields:
        row = add_field(project, field_.name, field_.kind, **field_.settings)
        for label in (labels or {}).get(field_.name) or field_.labels:
            add_label(row, label)
    Backend.objects.create(project=project, name="Memory", kind=MEMORY)
    Membership.objects.create(project=project, user=owner, role=Role.MANAGER)
    for user, role in members:
        Membership.objects.get_or_create(project=project, user=user, defaults={"role": role})
    return project
