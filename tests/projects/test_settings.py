"""Settings: safe for production when told so, and a start that is stopped by what cannot be read."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

from tests.support.servers import ROOT

PRODUCTION = {"HTTPS": "1", "ALLOWED_HOSTS": "colabel.example", "ORIGINS": "https://colabel.example"}


def manage(data_dir: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    clean = {k: v for k, v in os.environ.items() if k not in PRODUCTION}
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
