"""`manage.py load_demo`: people and a project to begin with, on a site where nobody is yet."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from projects import demo


class Command(BaseCommand):
    help = "Make an admin, two annotators and a project of real texts. Does nothing on a site that has accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        passwords = demo.make_people()
        if not passwords:
            return
        # First the passwords: they cannot be shown again, whatever becomes of the texts.
        self.stdout.write("Made three accounts. Their passwords, shown this once:")
        self.stdout.write("\n".join(f"  {name:6} {password}" for name, password in passwords.items()))
        project = demo.make_project()
        self.stdout.write(f"Made the project “{project}”.")
