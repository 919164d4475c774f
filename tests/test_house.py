"""Who may import whom: one way only, and nothing inside a function that belongs at the top of a file."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENGINE = sorted((ROOT / "annotator" / "collaboration").glob("*.py"))
SOURCES = sorted(
    p for top in ("annotator", "projects") for p in (ROOT / top).rglob("*.py") if "migrations" not in p.parts
)
DJANGO_EDGE = {"consumer.py"}
# Twisted installs its reactor on import: only the command that serves may bring it in, and only when it runs.
LATE_IMPORTS = {"projects/management/commands/serve.py"}


def imported(path: Path) -> set[str]:
    """Every module that a file imports, as dotted names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", ENGINE, ids=lambda p: p.name)
def test_the_engine_knows_nothing_of_projects_and_no_django(path: Path) -> None:
    for name in imported(path):
        assert not name.startswith("projects"), f"{path.name} imports {name}"
        if path.name not in DJANGO_EDGE:
            assert not name.startswith(("django", "channels")), f"{path.name} imports {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_asgi_and_urls_join_the_parts(path: Path) -> None:
    assert "annotator.asgi" not in imported(path) or str(path.relative_to(ROOT)) in LATE_IMPORTS


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_stand_at_the_top(path: Path) -> None:
    if str(path.relative_to(ROOT)) in LATE_IMPORTS or path.name == "apps.py":
        return
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = [n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
            assert not inner, f"{path.relative_to(ROOT)}:{inner[0].lineno} imports inside a function"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_says_in_its_first_line_what_it_knows(path: Path) -> None:
    text = path.read_text()
    assert not text.strip() or ast.get_docstring(ast.parse(text)), f"{path.relative_to(ROOT)} says nothing of itself"
