"""Names for what rows hold by key or id: fields, labels, people. Looked up once, and again when a new one turns up."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth import get_user_model

from projects.schema import Field, Schema


class Names:
    def __init__(self, project_id: int) -> None:
        self._project_id = project_id
        self._people: dict[int, str | None] = {}
        self.reload()

    def reload(self) -> None:
        """Read the project's questions as they are now."""
        self.schema = Schema.load(self._project_id)
        self._labels = {
            (f.key, label.key): label.name for f in self.schema.fields.values() for label in f.labels.values()
        }

    @property
    def fields(self) -> list[Field]:
        return list(self.schema.fields.values())

    def field(self, key: str) -> str:
        if key not in self.schema.fields:
            self.reload()
        known = self.schema.fields.get(key)
        return known.name if known else key

    def label(self, field: str, key: str | None) -> str | None:
        if key is None:
            return None
        if (field, key) not in self._labels:
            self.reload()
            self._labels.setdefault((field, key), key)
        return self._labels[field, key]

    def meet(self, ids: Iterable[int | None]) -> None:
        """Look up those of these people who are not known yet, in one query."""
        new = {i for i in ids if i is not None} - self._people.keys()
        if new:
            users = get_user_model().objects.filter(pk__in=new)
            self._people |= dict.fromkeys(new) | {user.pk: user.get_username() for user in users}

    def person(self, user_id: int | None) -> str | None:
        return None if user_id is None else self._people.get(user_id)
