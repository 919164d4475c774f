"""How a request changes what a project is made of: fields, labels, members, backends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Model

from projects import live


@contextlib.contextmanager
def change_of(project_id: int) -> Iterator[None]:
    """All of a change or nothing; open sessions hear of it when it is committed."""
    with transaction.atomic():
        yield
    live.project_changed(project_id)


def give(record: Model, changes: Mapping[str, Any]) -> None:
    """Set what a PATCH holds; nothing is saved."""
    for name, value in changes.items():
        setattr(record, name, value)
