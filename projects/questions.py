"""How fields and labels come and go: their keys, their defaults, removal and return. Knows no forms, no HTTP.

Nothing is ever deleted: documents hold the keys of fields and labels, and what uses a removed one stays, marked, until
somebody decides. Adding the same name again brings the row back, and what used it counts again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from projects.models import Field, Label, Project
from projects.palette import next_colour, next_hotkey

KEY_LENGTH = 100


def free_key(name: str, taken: Collection[str]) -> str:
    """The key that a new field or label gets: its name, or the name with the first number that makes it unique."""
    if name not in taken:
        return name
    number = 2
    while (key := f"{name[: KEY_LENGTH - 1 - len(str(number))]} {number}") in taken:
        number += 1
    return key


def live_labels(project_id: int) -> Any:
    """The labels of a project that can be given now."""
    return Label.objects.filter(field__project_id=project_id, field__removed=False, removed=False)


def hotkeys_in_use(project_id: int, apart_from: Iterable[int] = ()) -> dict[str, Label]:
    """Which key gives which label; `apart_from` are ids of labels that do not count."""
    labels = live_labels(project_id).exclude(hotkey="").exclude(pk__in=list(apart_from)).select_related("field")
    return {label.hotkey: label for label in labels}


def add_field(project: Project, name: str, kind: str, **settings: Any) -> Field:
    """A new field at the end, or the removed one of this name and kind, brought back with its labels."""
    field = project.fields.filter(name=name, kind=kind, removed=True).first() or Field(project=project, kind=kind)
    field.name = name
    for setting, value in settings.items():
        setattr(field, setting, value)
    place_field(field)
    field.save()
    return field


def place_field(field: Field) -> None:
    """Give a field that comes or comes back what it needs: a key, a place, hotkeys that nobody else has."""
    others = field.project.fields.exclude(pk=field.pk)
    field.key = field.key or free_key(field.name, set(others.values_list("key", flat=True)))
    if field.pk is None and not field.position:
        field.position = others.count()
    if field.removed:
        field.removed = False
        _settle_hotkeys(field)


def _settle_hotkeys(field: Field) -> None:
    """A field comes back: those of its labels whose hotkey went to another label get a free one."""
    used = hotkeys_in_use(field.project_id)
    for label in field.labels.filter(removed=False):
        if label.hotkey in used:
            label.hotkey = next_hotkey(used)
            label.save(update_fields=["hotkey"])
        used[label.hotkey] = label


def add_label(field: Field, name: str, *, description: str = "", colour: str = "", hotkey: str = "") -> Label:
    """A new label at the end, or the removed one of this name, brought back."""
    label = field.labels.filter(name=name, removed=True).first() or Label(field=field)
    label.name, label.description = name, description or label.description
    label.colour, label.hotkey = colour or label.colour, hotkey or label.hotkey
    place_label(label)
    label.save()
    return label


def place_label(label: Label) -> None:
    """Give a label that comes or comes back what nobody gave it: a key, a place, a colour, a hotkey that is free."""
    siblings = label.field.labels.exclude(pk=label.pk)
    label.key = label.key or free_key(label.name, set(siblings.values_list("key", flat=True)))
    if label.pk is None and not label.position:
        label.position = siblings.count()
    used = hotkeys_in_use(label.field.project_id, apart_from=[label.pk] if label.pk else [])
    if not label.hotkey or label.hotkey in used:
        label.hotkey = next_hotkey(used)
    label.colour = label.colour or next_colour(siblings.filter(removed=False).values_list("colour", flat=True))
    label.removed = False


def remove(row: Field | Label) -> None:
    row.removed = True
    row.save(update_fields=["removed"])
