"""The demo: a project of real texts (WNUT-17, see NOTICE), two annotators and the built-in suggester."""

from __future__ import annotations

import secrets
from pathlib import Path

from django.contrib.auth.models import User
from django.db import transaction

from projects import jobs
from projects.importing.carrying import carry
from projects.models import Job, JobState, Project, Role
from projects.project_templates import create_project

FOLDER = Path(__file__).resolve().parent
NAME = "Emerging entities (demo)"
DESCRIPTION = "Entities and sentiment in short messages of WNUT-17; a third is labelled already."
GUIDELINES = """## What to mark

- **person**: names of people, real or not, without titles: *Ada Lovelace*, not *Dr*.
- **location**: countries, cities, rivers, buildings that one can go to: *Empire State Building*.
- **corporation**: companies and brands that act: *Google announced*.
- **group**: teams, bands, parties, offices: *the Yankees*.
- **product**: things that one can buy or use: *iPhone 4*.
- **creative-work**: titles of songs, films, books.

Mark the shortest passage that names the thing. Leave hashtags and user names unmarked unless they are part of the sentence.

## Sentiment

What the writer feels, not what you feel. In doubt: *neutral*.

The built-in suggester proposes passages that the team has already accepted elsewhere. Accept with `A`, reject with `X`.
"""
LABELS = {
    "entities": ["person", "location", "corporation", "group", "product", "creative-work"],
    "category": ["positive", "neutral", "negative"],
}
FILES = ("wnut17-open.txt", "wnut17-gold.conll")  # first what is still to do
ADMIN, ANNOTATORS = "admin", ("ann", "ben")


def make_people() -> dict[str, str]:
    """The admin and two annotators, with generated passwords by name; only on a site where nobody is yet."""
    if User.objects.exists():
        return {}
    passwords = {name: secrets.token_urlsafe(9) for name in (ADMIN, *ANNOTATORS)}
    with transaction.atomic():
        for name, password in passwords.items():
            User.objects.create_user(name, password=password, is_staff=name == ADMIN, is_superuser=name == ADMIN)
    return passwords


def make_project() -> Project:
    """The demo project with its texts. Raises RuntimeError if the files that come with the site cannot be imported."""
    owner = User.objects.get(username=ADMIN)
    members = [(User.objects.get(username=name), Role.ANNOTATOR) for name in ANNOTATORS]
    project = create_project(
        NAME, "both", LABELS, owner, description=DESCRIPTION, guidelines=GUIDELINES, members=members
    )
    for file in FILES:
        job = jobs.create_import(project, FOLDER / file, user=owner, keep=True, enqueue=False)
        carry(job.pk)
        job = Job.objects.get(pk=job.pk)
        if job.state != JobState.DONE or job.refused:
            raise RuntimeError(f"The demo's {file} was not imported: {job.error or job.problems}")
    return project
