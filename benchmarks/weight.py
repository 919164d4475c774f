"""What a browser must load until the workspace can be used: compressed bytes and requests, the first time and again.

    python -m benchmarks.weight

Bytes are what came over the line (headers included), as Chromium's own DevTools protocol counts them.
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks.browsing import site
from benchmarks.report import finish, table
from tests.support.browsers import Window
from tests.support.projects import make_project

AIM_BYTES, AIM_SECONDS = 250_000, 1.0
TEXT = "Ada Lovelace wrote to Charles Babbage from London. " * 20
KINDS = {"Document": "page", "Script": "JavaScript", "Stylesheet": "CSS"}


class Line:
    """What comes over a window's line, by kind; of files from the cache only that they were asked for."""

    def __init__(self, window: Window) -> None:
        self.requests: dict[str, dict[str, Any]] = {}
        session = window.context.new_cdp_session(window.page)
        session.send("Network.enable")
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", self._came)

    def _answered(self, event: dict[str, Any]) -> None:
        answer = event["response"]
        cached = answer.get("fromDiskCache") or answer.get("fromPrefetchCache", False)
        self.requests[event["requestId"]] = {"kind": KINDS.get(event["type"], "other"), "cached": cached, "bytes": 0}

    def _came(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.requests:
            self.requests[event["requestId"]]["bytes"] = event["encodedDataLength"]

    def said(self) -> dict[str, tuple[int, int]]:
        """By kind: how many came over the line, and their bytes. What was in the browser's memory has none."""
        found: dict[str, tuple[int, int]] = {}
        for each in self.requests.values():
            if each["bytes"] and not each["cached"]:
                count, size = found.get(each["kind"], (0, 0))
                found[each["kind"]] = count + 1, size + int(each["bytes"])
        return found


def visit(window: Window) -> tuple[float, dict[str, tuple[int, int]]]:
    """Open the task until its text can be labelled and everything is saved; seconds, and what came."""
    line = Line(window)
    began = time.perf_counter()
    window.open()
    seconds = time.perf_counter() - began
    window.page.wait_for_timeout(1500)  # what is fetched later counts, too
    return seconds, line.said()


def main() -> None:
    with site() as here:
        made = make_project(here.server, "weight", [TEXT] * 3, {"ann": "annotator"}, template="entities")
        window = here.windows.open(made, "ann", None)
        first, again = visit(window), visit(window)
    report(first, again)


def report(first: tuple[float, dict[str, tuple[int, int]]], again: tuple[float, dict[str, tuple[int, int]]]) -> None:
    rows = [
        [name, kind, count, size, round(seconds, 2)]
        for name, (seconds, came) in (("first", first), ("again", again))
        for kind, (count, size) in sorted(came.items())
    ]
    table("The workspace until it can be used", ["visit", "what", "requests", "bytes", "seconds in all"], rows)
    code = sum(size for kind, (_, size) in first[1].items() if kind in ("JavaScript", "CSS"))
    finish(
        "weight",
        javascript_and_css_bytes=code,
        aim_bytes=AIM_BYTES,
        reached=code < AIM_BYTES and first[0] < AIM_SECONDS,
        requests=sum(count for count, _ in first[1].values()),
        usable_s=[round(first[0], 2), round(again[0], 2)],
        first={kind: list(said) for kind, said in first[1].items()},
        again={kind: list(said) for kind, said in again[1].items()},
    )


if __name__ == "__main__":
    main()
