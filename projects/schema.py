"""What a project asks, as the guard and the reading of documents need it. Frozen; knows nothing of roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from projects.models import Field as FieldRow


@dataclass(frozen=True, slots=True)
class Label:
    """One class of a field. Documents hold its `key`."""

    key: str
    name: str
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One question. Documents hold its `key`."""

    key: str
    name: str
    kind: str
    multiple: bool = False
    required: bool = False
    minimum: int = 1
    maximum: int = 5
    removed: bool = False
    labels: Mapping[str, Label] = field(default_factory=dict)  # by key, in their order

    @property
    def offered(self) -> list[Label]:
        """The labels that can be given now."""
        return [label for label in self.labels.values() if not label.removed]


@dataclass(frozen=True, slots=True)
class Schema:
    """All questions of a project, removed ones too: old annotations speak of them."""

    fields: Mapping[str, Field] = field(default_factory=dict)  # by key, in their order

    @classmethod
    def load(cls, project_id: int) -> Schema:
        """Read it from the database; blocks."""
        rows = FieldRow.objects.filter(project_id=project_id).prefetch_related("labels")
        return cls.of(
            Field(
                row.key,
                row.name,
                row.kind,
                row.multiple,
                row.required,
                row.minimum,
                row.maximum,
                row.removed,
                {label.key: Label(label.key, label.name, label.removed) for label in row.labels.all()},
            )
            for row in rows
        )

    @classmethod
    def from_json(cls, project: Mapping[str, Any]) -> Schema:
        """Read it from a project's JSON, as `GET /api/projects/<id>` gives it."""
        return cls.of(field_from_json(said) for said in project["fields"])

    @classmethod
    def of(cls, fields: Iterable[Field]) -> Schema:
        return cls({field.key: field for field in fields})


def field_from_json(said: Mapping[str, Any]) -> Field:
    """A field; whatever may be left out takes its default, and `key` is the name if it is not there."""
    labels = (label_from_json(label) for label in said.get("labels", ()))
    settings = {name: said[name] for name in ("multiple", "required", "minimum", "maximum", "removed") if name in said}
    key = said.get("key", said["name"])
    return Field(key, said["name"], said["kind"], labels={label.key: label for label in labels}, **settings)


def label_from_json(said: Mapping[str, Any]) -> Label:
    return Label(said.get("key", said["name"]), said["name"], said.get("removed", False))
