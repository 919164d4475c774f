"""The environment of the test process. Loaded by `-p` (pyproject.toml): pytest-django reads the settings before conftest.

`TEST_DATABASE=postgresql pytest ...` runs on a PostgreSQL that is started for it, in a temporary folder; real servers in
such a run get a database of their own each. Without it everything is SQLite.
"""

from __future__ import annotations

import atexit
import os
import tempfile

from tests.support.postgres import Postgres

# Tests never touch the data folder of whoever runs them. Each process of pytest-xdist gets a folder of its own.
_data = tempfile.TemporaryDirectory(prefix="colabel-tests-", ignore_cleanup_errors=True)
os.environ["DATA_DIR"] = _data.name
for _name in ("REDIS_URL", "DATABASE_URL", "PRODUCTION", "HTTPS", "ALLOWED_HOSTS", "ORIGINS", "DEBUG"):
    os.environ.pop(_name, None)

if os.environ.get("TEST_DATABASE", "sqlite") == "postgresql":
    # The workers of pytest-xdist share the one that their parent started.
    if "TEST_POSTGRES" not in os.environ:
        _postgres = Postgres().start()
        atexit.register(_postgres.remove)
        os.environ["TEST_POSTGRES"] = _postgres.url("postgres")
    os.environ["DATABASE_URL"] = os.environ["TEST_POSTGRES"]
else:
    os.environ["TEST_DATABASE_NAME"] = os.path.join(_data.name, "test.sqlite3")
