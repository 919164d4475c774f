"""`manage.py token USER`: prints a token that works, and nothing else."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from projects.models import ApiToken
from tests.support.rest import make_user

pytestmark = pytest.mark.django_db


def test_it_prints_a_token_that_works_and_keeps_only_its_hash() -> None:
    make_user("ann")
    out = StringIO()
    call_command("token", "ann", "--name", "nightly", stdout=out)
    token = out.getvalue().strip()
    assert out.getvalue() == f"{token}\n"
    assert Client().get("/api/me", headers={"Authorization": f"Bearer {token}"}).json()["username"] == "ann"
    row = ApiToken.objects.get()
    assert row.name == "nightly"
    assert token not in (row.digest, row.hint)
    assert row.digest == ApiToken.digest_of(token)


@pytest.mark.parametrize("arguments", [("nobody",), ("gone",), ("ann", "--name", "x" * 101)])
def test_it_refuses_in_a_sentence(arguments: tuple[str, ...]) -> None:
    make_user("ann")
    make_user("gone", is_active=False)
    with pytest.raises(CommandError, match=r"\.$"):
        call_command("token", *arguments)
    assert not ApiToken.objects.exists()
