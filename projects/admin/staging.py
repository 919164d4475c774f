"""Uploaded files between upload and import: where they lie, and the signed ticket by which one person gets at one.

A file gets a random name that says nothing of what was uploaded, can be read by this account only, and is only ever
read as data. What nobody imports within a day is swept up by the next upload.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from projects.models import Project

LARGEST_BYTES = 1024**3
KEPT_SECONDS = 24 * 3600
SALT = "colabel.import"


def folder() -> Path:
    place: Path = settings.MEDIA_ROOT / "imports"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def stage(upload: UploadedFile, project: Project, user: Any) -> str:
    """Keep an upload; returns its ticket."""
    sweep()
    path = folder() / f"staged-{secrets.token_hex(16)}"
    if hasattr(upload, "temporary_file_path"):
        shutil.move(upload.temporary_file_path(), path)
    else:
        path.write_bytes(upload.read())
    os.chmod(path, 0o600)
    ticket = {"file": path.name, "name": upload.name, "project": project.pk, "user": user.pk}
    return signing.dumps(ticket, salt=SALT, compress=True)


def staged(ticket: str, project: Project, user: Any) -> tuple[Path, str] | None:
    """The file of a ticket and the name that it had; None if it is somebody else's, another project's, or gone."""
    try:
        held = signing.loads(ticket, salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return None
    path = folder() / held["file"]
    if (held["project"], held["user"]) != (project.pk, user.pk) or not path.is_file():
        return None
    return path, held["name"]


def claim(path: Path) -> Path:
    """Give a staged file to its import: from now on the job decides when it goes. Fails if it was given away."""
    return path.rename(path.with_name(path.name.removeprefix("staged-")))


def unclaim(path: Path) -> None:
    """Take a file back that its import did not take."""
    path.rename(path.with_name(f"staged-{path.name}"))


def sweep() -> None:
    oldest = time.time() - KEPT_SECONDS
    for path in folder().glob("staged-*"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
