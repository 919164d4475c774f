"""How commands find what is named on their line."""

from __future__ import annotations

from django.core.management.base import CommandError

from projects.models import Project


def find_project(said: str) -> Project:
    """A project by its id or its name. Raises CommandError."""
    found = list(Project.objects.filter(name=said)[:2])
    if not found and said.isascii() and said.isdigit() and len(said) < 19:
        found = list(Project.objects.filter(pk=int(said)))
    if not found:
        raise CommandError(f"There is no project “{said}”.")
    if len(found) > 1:
        raise CommandError(f"Several projects have the name “{said}”; give the id.")
    return found[0]
