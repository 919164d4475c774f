"""Uploaded files between upload and import: where they lie, and the signed ticket by which one person gets at one.

What nobody imports within a day is swept up by the next upload.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from projects.importing.carrying import import_folder
from projects.models import Project
from projects.uploads import keep_upload

STAGED = "staged-"
KEPT_SECONDS = 24 * 3600
SALT = "colabel.import"


def stage(upload: UploadedFile, project: Project, user: Any) -> str:
    """Keep an upload; returns its ticket. Raises TooLarge."""
    sweep()
    path = keep_upload(upload)
    path = path.rename(path.with_name(f"{STAGED}{path.name}"))
    ticket = {"file": path.name, "name": upload.name, "project": project.pk, "user": user.pk}
    return signing.dumps(ticket, salt=SALT, compress=True)


def staged(ticket: str, project: Project, user: Any) -> tuple[Path, str] | None:
    """The file of a ticket and the name that it had; None if it is somebody else's, another project's, or gone."""
    try:
        held = signing.loads(ticket, salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return None
    path = import_folder() / held["file"]
    if (held["project"], held["user"]) != (project.pk, user.pk) or not path.is_file():
        return None
    return path, held["name"]


def claim(path: Path) -> Path:
    """Give a staged file to its import: from now on the job decides when it goes. Fails if it was given away."""
    return path.rename(path.with_name(path.name.removeprefix(STAGED)))


def unclaim(path: Path) -> None:
    """Take a file back that its import did not take."""
    path.rename(path.with_name(f"{STAGED}{path.name}"))


def sweep() -> None:
    oldest = time.time() - KEPT_SECONDS
    for path in import_folder().glob(f"{STAGED}*"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
