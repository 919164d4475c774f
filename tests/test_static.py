"""Built files travel compressed and are kept for ever by their hashed names; files of ours that keep their name are not."""

import json

import pytest
from django.conf import settings
from django.test import Client


@pytest.fixture
def built() -> str:
    """The address of the workspace's code."""
    manifest = json.loads(settings.DJANGO_VITE["default"]["manifest_path"].read_text())
    return f"/static/dist/{manifest['src/workspace/page.tsx']['file']}"


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_built_files_travel_compressed_and_stay(built: str, encoding: str) -> None:
    answer = Client().get(built, headers={"accept-encoding": encoding})
    assert answer.status_code == 200
    assert answer["Content-Encoding"] == encoding
    assert "immutable" in answer["Cache-Control"]
    assert "Accept-Encoding" in answer["Vary"]


def test_who_takes_no_compression_gets_none(built: str) -> None:
    answer = Client().get(built)
    assert "Content-Encoding" not in answer
    assert "immutable" in answer["Cache-Control"]


def test_a_file_without_a_hash_in_its_name_is_asked_for_again() -> None:
    answer = Client().get("/static/css/tokens.css")
    assert answer.status_code == 200
    assert "immutable" not in answer["Cache-Control"]
