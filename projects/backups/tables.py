"""Rows in a form that both databases read: which tables there are, the kinds of their columns, values to and from JSON."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.migrations.recorder import MigrationRecorder

from projects.backups.archive import Column

MIGRATIONS = "django_migrations"
DOCUMENTS, UPDATES, CHECKPOINTS, JOBS = "projects_document", "projects_update", "projects_checkpoint", "projects_job"
KINDS = {
    "BinaryField": "bytes",
    "BooleanField": "bool",
    "DateTimeField": "datetime",
    "JSONField": "json",
    "ExactJSONField": "json",
}
# What is not among these is a number or a text in both databases.
UNKNOWN = ("DateField", "TimeField", "DecimalField", "DurationField", "UUIDField", "GenericIPAddressField")
Convert = Callable[[Any], Any]


def all_models() -> list[type[models.Model]]:
    """Every model with a table of its own; documents before what speaks of their epochs."""
    found = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy]
    found.append(MigrationRecorder.Migration)
    return sorted(found, key=lambda model: (model._meta.db_table != DOCUMENTS, model._meta.db_table))


def columns_of(model: type[models.Model]) -> list[Column]:
    return [Column(field.column or "", kind_of(field)) for field in model._meta.concrete_fields]


def kind_of(field: models.Field[Any, Any]) -> str:
    name = field.get_internal_type()
    if name in UNKNOWN:
        raise NotImplementedError(
            f"A backup does not know how to keep {field}: add {name} to projects/backups/tables.py."
        )
    return KINDS.get(name, "")


def written(kind: str) -> Convert | None:
    """How a value of the database becomes JSON; None where it is already."""
    return WRITTEN.get(kind)


def read(kind: str) -> Convert | None:
    """How a value of the file becomes one for the database's driver."""
    return READ.get(kind)


def write_datetime(value: datetime | str) -> str:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)).isoformat()


def read_datetime(value: str) -> Any:
    return connection.ops.adapt_datetimefield_value(datetime.fromisoformat(value))


WRITTEN: dict[str, Convert] = {
    "bytes": lambda value: base64.b64encode(value).decode(),
    "bool": bool,
    "datetime": write_datetime,
}
READ: dict[str, Convert] = {"bytes": base64.b64decode, "bool": bool, "datetime": read_datetime}


def convert(row: Sequence[Any], converts: Sequence[tuple[int, Convert]]) -> list[Any]:
    """A row with its values in the other form."""
    made = list(row)
    for place, change in converts:
        if made[place] is not None:
            made[place] = change(made[place])
    return made


__all__ = ["Convert", "all_models", "columns_of", "convert", "read", "written"]
