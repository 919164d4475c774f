"""Columns that both databases keep alike. Knows JSON; nothing of what it says."""

from __future__ import annotations

from typing import Any

from django.db import models


class ExactJSONField(models.JSONField):
    """JSON that comes back as it was put in: PostgreSQL's `jsonb` would sort keys and refuse NUL; its `json` does neither.

    Such a column cannot be compared or indexed by the database, only read and written.
    """

    def db_type(self, connection: Any) -> str | None:
        return "json" if connection.vendor == "postgresql" else super().db_type(connection)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """psycopg reads `json` by itself."""
        return super().from_db_value(value, expression, connection) if isinstance(value, str) else value
