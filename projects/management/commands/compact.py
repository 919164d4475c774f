"""`manage.py compact`: make old history small, by each project's setting or by one given here."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from projects.history.compaction import MIN_AGE, Tally, compact_project
from projects.management.projects import find_project
from projects.models import HistoryThen, Project

MIN_DAYS = MIN_AGE.total_seconds() / 86_400


class Command(BaseCommand):
    help = (
        "Compact the history of documents: changes that are older than their project keeps them. May run while people "
        "work. Without --older-than, projects that keep everything are passed over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", help="its id or its name; by default every project")
        parser.add_argument("--older-than", type=float, metavar="DAYS", help="instead of the projects' own settings")
        parser.add_argument("--then", choices=HistoryThen.values, help="what becomes of older changes, likewise")
        parser.add_argument("--dry-run", action="store_true", help="only say what would become of it")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["older_than"]
        if days is not None and days < MIN_DAYS:
            raise CommandError(f"--older-than {days:g}: expected at least {MIN_DAYS:.3f} (an hour).")
        projects = [find_project(options["project"])] if options["project"] else list(Project.objects.order_by("pk"))
        for project in projects:
            kept = project.history_days if days is None else days
            if kept is None:
                self.stdout.write(f"{project.pk} {project.name}: keeps all of its history.")
                continue
            began = time.perf_counter()
            way = options["then"] or project.history_then
            tally = compact_project(project, kept, way, dry_run=options["dry_run"])
            self.stdout.write(f"{project.pk} {project.name}: {sentence(tally, options['dry_run'])}")
            if options["verbosity"] > 1:
                seconds, slowest = time.perf_counter() - began, tally.slowest_seconds * 1000
                self.stdout.write(f"  {seconds:.1f} s, {tally.transactions} transactions, the longest {slowest:.1f} ms")


def sentence(tally: Tally, dry_run: bool) -> str:
    if not tally.rows_before:
        return "nothing is old enough."
    became = "would become" if dry_run else "became"
    return (
        f"{tally.rows_before:,} rows ({tally.bytes_before / 1e6:,.1f} MB) in {tally.documents:,} documents "
        f"{became} {tally.rows_after:,} ({tally.bytes_after / 1e6:,.1f} MB)."
    )
