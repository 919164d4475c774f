"""A document of 10,000 annotations: request to synced (cold and warm), to painted in Chromium, and an edit in it to saved.

    python -m benchmarks.open_document [--annotations 10000]

Cold is the first open after a start of the server: the document is read from the database.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks import large_task
from benchmarks.report import finish, table
from tests.support.node import FOLDER, install_packages
from tests.support.peers import Peer
from tests.support.projects import Made
from tests.support.servers import Server

EDITS = 30
PAINTED = "() => [...document.querySelectorAll('.mark')].length > 0"


def opens(server: Server, made: Made, document: int, times: int) -> list[dict[str, Any]]:
    arguments = [f"{server.ws_url}/ws/documents/{document}/", made.tokens["owner"], str(times)]
    done = subprocess.run(["node", "open.mjs", *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def session_cookie(server: Server, login: str) -> dict[str, Any]:
    """A login's cookie, made on the server."""
    made = server.shell(
        "from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY\n"
        "from django.contrib.auth.models import User\n"
        "from django.contrib.sessions.backends.db import SessionStore\n"
        f"user = User.objects.get(username={login!r})\n"
        "store = SessionStore()\n"
        "store[SESSION_KEY] = str(user.pk)\n"
        "store[BACKEND_SESSION_KEY] = 'django.contrib.auth.backends.ModelBackend'\n"
        "store[HASH_SESSION_KEY] = user.get_session_auth_hash()\n"
        "store.save()\n"
        "print('COOKIE', store.session_key)"
    )
    return {"name": "sessionid", "value": made.split("COOKIE")[-1].strip(), "url": server.url}


def painted(server: Server, made: Made, task: int, times: int) -> list[float]:
    """Milliseconds from the request of the page to the first marks on the screen, in new browser contexts."""
    found = []
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        cookie = session_cookie(server, made.login("owner"))
        for _ in range(times):
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.add_cookies([cookie])  # type: ignore[list-item]
            page = context.new_page()
            began = time.perf_counter()
            page.goto(f"{server.url}/projects/{made.project}/tasks/{task}/", wait_until="commit")
            page.wait_for_function(PAINTED, polling="raf", timeout=60_000)
            found.append((time.perf_counter() - began) * 1000)
            context.close()
        browser.close()
    return found


async def edits(server: Server, made: Made, document: int) -> list[float]:
    """Milliseconds from an edit of somebody who has all of the document to `saved`."""
    found = []
    async with Peer(server.ws_url, document, made.tokens["owner"]) as owner:
        for number in range(EDITS):
            body = made.span("owner", number, number + 9, "person")
            began = time.perf_counter()
            owner.map("annotations")[f"edit-{number:06}"] = body
            await owner.until_saved()
            found.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(0.05)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--annotations", type=int, default=10_000)
    options = parser.parse_args()
    install_packages()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        server = Server(data).start()
        try:
            made, task, document = large_task.make(server, Path(folder), options.annotations)
            server.stop()
            server.start()
            cold, *warm = opens(server, made, document, 6)
            screens = painted(server, made, task, 5)
            saved = asyncio.run(edits(server, made, document))
        finally:
            server.kill()
    report(cold, warm, screens, saved)


def report(cold: dict[str, Any], warm: list[dict[str, Any]], screens: list[float], saved: list[float]) -> None:
    middle = statistics.median(each["received_ms"] for each in warm)
    applied = statistics.median(each["applied_ms"] for each in warm)
    rows = [
        ["cold: request to SyncStep2", cold["received_ms"]],
        ["cold: request to a Yjs document", cold["applied_ms"]],
        ["warm: request to SyncStep2 (median of 5)", middle],
        ["warm: request to a Yjs document (median of 5)", applied],
        ["request to painted in Chromium, first", screens[0]],
        ["request to painted in Chromium (median of 5)", statistics.median(screens)],
        [f"an edit to saved (median of {EDITS})", statistics.median(saved)],
    ]
    table(f"{cold['annotations']:,} annotations, {cold['bytes']:,} bytes", ["step", "ms"], rows)
    finish(
        "open_document",
        annotations=cold["annotations"],
        bytes=cold["bytes"],
        cold_step2_ms=round(cold["received_ms"], 1),
        warm_step2_ms=round(middle, 1),
        warm_applied_ms=round(applied, 1),
        painted_ms=[round(each) for each in screens],
        edit_to_saved_ms=round(statistics.median(saved), 1),
    )


if __name__ == "__main__":
    main()
