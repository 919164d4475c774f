"""Settings: safe for production when told so, and a start that is stopped by what cannot be read."""

from __future__ import annotations

import os
import secrets
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.servers import ROOT, Server

VARIABLES = ("PRODUCTION", "DEBUG", "SECRET_KEY", "HOST", "DATABASE_URL", "REDIS_URL", "DATA_DIR")
PRODUCTION = {"HTTPS": "1", "ALLOWED_HOSTS": "colabel.example", "ORIGINS": "https://colabel.example"}


def manage(data_dir: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    clean = {k: v for k, v in os.environ.items() if k not in PRODUCTION and k not in VARIABLES}
    env = {**clean, "DATA_DIR": str(data_dir), **environment}
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)


def test_production_settings_pass_djangos_deployment_check(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


def test_the_secret_key_is_made_once_and_is_its_owners_only(tmp_path: Path) -> None:
    manage(tmp_path, "check")
    path = tmp_path / "secret_key"
    key = path.read_text()
    assert len(key) >= 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    manage(tmp_path, "check")
    assert path.read_text() == key


def test_a_setting_that_cannot_be_read_stops_the_start_and_is_named(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", PORT="eighty")
    assert done.returncode != 0
    assert "PORT" in done.stderr
    assert "eighty" in done.stderr


UNSAFE = {
    "debug": ({"DEBUG": "1"}, "DEBUG is on"),
    "plain http": ({"HTTPS": "0"}, "HTTPS is off"),
    "wildcard hosts": ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS holds “*”"),
    "hosts of a whole domain": ({"ALLOWED_HOSTS": ".example"}, "ALLOWED_HOSTS holds “.example”"),
    "no hosts": ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set"),
    "plain origins": ({"ORIGINS": "http://colabel.example"}, "ORIGINS holds “http://colabel.example”"),
    "a short key": ({"SECRET_KEY": "x7f"}, "SECRET_KEY is too short"),
    "a simple key": ({"SECRET_KEY": "ab" * 40}, "SECRET_KEY is too short or too simple"),
    "a placeholder": ({"SECRET_KEY": "django-insecure-" + "0123456789" * 6}, "SECRET_KEY looks like a placeholder"),
}


@pytest.mark.parametrize("what", UNSAFE)
def test_it_refuses_an_unsafe_start_and_says_what_was_expected(tmp_path: Path, what: str) -> None:
    given, sentence = UNSAFE[what]
    done = manage(tmp_path, "check", **{**PRODUCTION, **given})
    assert done.returncode == 1
    assert done.stderr.startswith("Not started: This start would be unsafe and was refused. ")
    assert sentence in done.stderr
    assert "expected" in done.stderr
    assert given.get("SECRET_KEY", "never given") not in done.stderr


def test_a_name_that_others_know_makes_it_production(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", ALLOWED_HOSTS="colabel.example")
    assert "HTTPS is off" in done.stderr
    assert manage(tmp_path, "check", ALLOWED_HOSTS="colabel.example", PRODUCTION="0").returncode == 0
    assert manage(tmp_path, "check", ALLOWED_HOSTS="192.168.1.20,localhost", HOST="0.0.0.0").returncode == 0


def test_debug_is_for_this_machine_only(tmp_path: Path) -> None:
    assert "DEBUG is on" in manage(tmp_path, "check", DEBUG="1", HOST="0.0.0.0").stderr
    assert manage(tmp_path, "check", DEBUG="1").returncode == 0


def test_a_good_key_from_the_environment_is_taken(tmp_path: Path) -> None:
    done = manage(
        tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION, SECRET_KEY=secrets.token_hex(40)
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize("url", ["mysql://root:hidden@host/name", "postgresql://host:hidden", "hidden"])
def test_an_address_of_another_database_is_refused_without_repeating_it(tmp_path: Path, url: str) -> None:
    done = manage(tmp_path, "check", DATABASE_URL=url)
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert "expected postgresql://" in done.stderr
    assert "hidden" not in done.stderr


def start_plain_daphne(server: Server) -> None:
    server.manage("migrate", "-v", "0")
    command = [sys.executable, "-m", "daphne", "-p", str(server.port), "annotator.asgi:application"]
    with server.log_path.open("wb") as log:
        server._process = subprocess.Popen(
            command, env=server.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
    server.wait_until_it_serves()


def test_a_second_server_on_one_data_folder_is_refused_whatever_runs_either(tmp_path: Path) -> None:
    server, port = Server(tmp_path), str(free_port())
    try:
        start_plain_daphne(server)
        for arguments in (
            [str(ROOT / "manage.py"), "serve", "--port", port],
            ["-m", "daphne", "-p", port, "annotator.asgi:application"],
            ["-m", "uvicorn", "--port", port, "annotator.asgi:application"],
        ):
            command = [sys.executable, *arguments]
            second = subprocess.run(
                command, env=server.environment, cwd=ROOT, capture_output=True, text=True, timeout=60
            )
            assert second.returncode != 0
            assert f"Another server already runs on {tmp_path}" in second.stderr
    finally:
        server._end(signal.SIGKILL)
