"""`manage.py token USER`: a new API token, printed once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.models import ApiToken


class Command(BaseCommand):
    help = "Print a new API token of a user. It is kept as a hash only: it cannot be printed again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the user's name")
        parser.add_argument("--name", default="", help="what the token is for, to tell tokens apart")

    def handle(self, *args: Any, **options: Any) -> str:
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None or not user.is_active:
            raise CommandError(f"There is no active user “{options['user']}”.")
        if len(options["name"]) > (longest := ApiToken._meta.get_field("name").max_length or 0):
            raise CommandError(f"The name is too long; expected at most {longest} characters.")
        return ApiToken.issue(user, options["name"])[1]
