"""Backups: the whole installation in one file, from one moment, for SQLite and PostgreSQL alike; and the way back."""

from projects.backups.archive import CannotRestore
from projects.backups.restoring import restore
from projects.backups.taking import back_up

__all__ = ["CannotRestore", "back_up", "restore"]
