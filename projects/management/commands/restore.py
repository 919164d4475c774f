"""`manage.py restore FILE`: this installation becomes what a backup holds."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from projects.backups import CannotRestore, restore
from projects.bulk import calm_collector


class Command(BaseCommand):
    help = "Restore a backup, of SQLite or PostgreSQL, into this installation. Stop every server and worker first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="replace what is here")

    def handle(self, *args: Any, **options: Any) -> None:
        calm_collector()
        try:
            restore(options["file"], options["force"], self.stdout.write)
        except CannotRestore as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write("Browsers that were open are told to reload; what they had not sent stays with them.")
