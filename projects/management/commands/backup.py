"""`manage.py backup FILE`: everything in one file, as it is saved at this moment, while people go on."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from projects.backups import back_up
from projects.backups.archive import SECRET_KEY
from projects.bulk import calm_collector


class Command(BaseCommand):
    help = "Back up this installation (database, uploads, secret key) to a file. Servers go on; nobody waits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="where there is such a file already")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"].resolve()
        if path.exists() and not options["replace"]:
            raise CommandError(f"{path} is there already; give another name, or --replace.")
        calm_collector()
        try:
            manifest = back_up(path)
        except OSError as error:
            raise CommandError(f"The backup could not be written: {error}") from None
        rows = sum(member.rows or 0 for member in manifest.members.values())
        files = sum(name.startswith("media/") for name in manifest.members)
        self.stdout.write(f"{path}: as of {manifest.taken}, {rows:,} rows, {files:,} uploads.")
        if SECRET_KEY in manifest.members:
            self.stdout.write("The secret key is in it, and everybody's password hashes: keep it as you keep those.")
        else:
            self.stdout.write(
                "SECRET_KEY comes from the environment and is not in it; password hashes are: keep it safe."
            )
