"""`manage.py serve`: the site under Daphne, with its worker, until Ctrl-C."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from annotator.data_dir import AlreadyServed, hold_data_dir

FORM_BYTES = 1024 * 1024  # what may stand around a file in a form


class Command(BaseCommand):
    help = "Serve the site (Daphne) and carry long jobs, in this data folder, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument(
            "--prepare", action="store_true", help="first bring the database up to date, and load the demo"
        )
        parser.add_argument("--no-worker", action="store_true", help="long jobs are carried by another process")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            hold_data_dir(settings.DATA_DIR, alone=not settings.SEVERAL_PROCESSES)
        except AlreadyServed as error:
            raise CommandError(str(error)) from None
        # The reactor is installed by the first import of Daphne; other commands do without.
        from annotator.asgi import application
        from annotator.serving import Worker, serve
        from projects import live

        if options["prepare"]:
            call_command("migrate", verbosity=0)
            call_command("load_demo", stdout=self.stdout)
        manage = Path(settings.BASE_DIR) / "manage.py"
        worker = (
            None if options["no_worker"] else Worker([sys.executable, str(manage), "run_worker", "--until-orphaned"])
        )

        async def close() -> None:
            await live.engine().close()

        def ready(address: str) -> None:
            live.engine()  # from now on it looks for what waits, whether or not anybody comes
            self.stdout.write(f"Colabel serves on {address}")
            self.stdout.flush()

        largest = settings.IMPORT_MAX_BYTES + FORM_BYTES
        serve(application, options["host"], options["port"], ready, close, worker, largest)
