"""Tells open sessions that a project's set-up changed, once the change is committed."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from projects import live


def announce(project_id: int) -> None:
    transaction.on_commit(partial(live.project_changed, project_id))
