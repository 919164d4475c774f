"""Columns that both databases keep alike. Knows JSON; nothing of what it says."""

from __future__ import annotations

from typing import Any

from django.db import connection, models


class ExactJSONField(models.JSONField):
    """JSON that comes back as it was put in: PostgreSQL's `jsonb` would sort keys and refuse NUL; its `json` does neither.

    Such a column cannot be compared or indexed by the database, only read and written.
    """

    def db_type(self, connection: Any) -> str | None:
        return "json" if connection.vendor == "postgresql" else super().db_type(connection)


def keep_json_as_text() -> None:
    """psycopg would read `json` by itself, and a string in it could not be told from the JSON that it stands in."""
    if connection.vendor == "postgresql":
        psycopg = connection.Database  # type: ignore[attr-defined]  # in a process on SQLite it is not even imported
        psycopg.adapters.register_loader("json", psycopg.types.string.TextLoader)
