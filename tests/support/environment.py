"""The environment of the test process. Loaded by `-p` (pyproject.toml): pytest-django reads the settings before conftest."""

from __future__ import annotations

import os
import tempfile

# Tests never touch the data folder of whoever runs them. Each process of pytest-xdist gets a folder of its own.
_data = tempfile.TemporaryDirectory(prefix="colabel-tests-", ignore_cleanup_errors=True)
os.environ["DATA_DIR"] = _data.name
os.environ["TEST_DATABASE"] = os.path.join(_data.name, "test.sqlite3")
