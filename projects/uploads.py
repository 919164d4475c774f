"""Uploaded files on their way into an import: kept under a random name, bounded, never run, never served."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile

from projects.importing.carrying import import_folder

MULTIPART_BYTES = 64 * 1024  # what stands around the file in a request


class TooLarge(ValueError):
    """The file is larger than may be imported. Holds the sentence to show."""

    def __init__(self) -> None:
        limit = settings.IMPORT_MAX_BYTES / 1_048_576
        super().__init__(f"The file is too large; expected at most {limit:,.0f} MB. Split it, or raise IMPORT_MAX_MB.")


def need_size(size: int) -> None:
    """Raises TooLarge for a request of `size` bytes that cannot hold a file of an allowed size."""
    if size > settings.IMPORT_MAX_BYTES + MULTIPART_BYTES:
        raise TooLarge


def keep_upload(upload: UploadedFile[Any]) -> Path:
    """Put an upload into the folder of imports; its own name is not used. Raises TooLarge."""
    if upload.size is None or upload.size > settings.IMPORT_MAX_BYTES:
        raise TooLarge
    path = import_folder() / secrets.token_hex(16)
    if isinstance(upload, TemporaryUploadedFile):
        shutil.move(upload.temporary_file_path(), path)
        path.chmod(0o600)
        return path
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return path
