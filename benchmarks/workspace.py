"""The workspace with a text of 1 MB and 10,000 overlapping and nested spans: open, scroll, key to paint, in Chromium.

    python -m benchmarks.workspace [--text FILE] [--spans 10000]

Frames and long tasks are from the browser's own trace (devtools.timeline), while the text scrolls for some seconds.
A key is timed by the browser, too (Event Timing): from the event to the frame that shows what it did.
"""

from __future__ import annotations

import argparse
import html
import itertools
import statistics
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from benchmarks import large_task
from benchmarks.browsing import site
from benchmarks.report import finish, percentile, table
from tests.support.browsers import Window, Windows

OPENS, KEYS = 5, 20
SCROLL_PIXELS, SCROLL_SPEED = 4000, 2000  # three gestures of two seconds each
AIMS = {"open_ms": 1000.0, "key_p95_ms": 50.0, "frames_per_s": 60.0}
CATEGORIES = "devtools.timeline,disabled-by-default-devtools.timeline.frame,disabled-by-default-devtools.timeline"

# The same scrolling on a page that is only text, in the same run: what this machine can draw at all.
PLAIN = """<style>body { margin: 0; overflow: hidden }
    .text { height: 900px; overflow: auto; font: 16px/1.7 sans-serif }</style><div class="text"><div class="cm-content">"""

PAINTED = "() => document.querySelectorAll('.text [data-label]').length > 0"

# The browser's own measure, in steps of 8 ms: from the event until the next frame is on the screen. Below 16 it tells nothing.
LEAST_MS = 16
TIME_KEYS = """() => {
    window.keys = [];
    const hear = (list) => {
        for (const entry of list.getEntries()) if (entry.name === "keydown") window.keys.push(entry.duration);
    };
    new PerformanceObserver(hear).observe({ type: "event", durationThreshold: 16 });
}"""

# The middle of a word of the text that has no mark, as near to the top of the screen as there is one.
FREE_WORD = r"""(skip) => {
    const box = document.querySelector(".text .cm-scroller").getBoundingClientRect();
    const walker = document.createTreeWalker(document.querySelector(".text .cm-content"), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node.parentElement.closest("[data-label], .mark")) continue;
        for (const { index, 0: word } of node.data.matchAll(/[A-Za-z]{4,}/g)) {
            const range = document.createRange();
            range.setStart(node, index);
            range.setEnd(node, index + word.length);
            const at = range.getBoundingClientRect();
            if (at.top > box.top + 20 && at.bottom < box.bottom - 20 && skip-- <= 0)
                return [at.left + at.width / 2, at.top + at.height / 2];
        }
    }
    return null;
}"""


def opened(windows: Windows, large: large_task.Large) -> tuple[Window, float]:
    """A new window, and milliseconds from the request of the page to the first marks on the screen."""
    window = windows.open(large.made, "owner", None, viewport={"width": 1440, "height": 900})
    window.task = 0
    began = time.perf_counter()
    window.page.goto(window.address(0), wait_until="commit")
    window.page.wait_for_function(PAINTED, polling="raf", timeout=60_000)
    return window, (time.perf_counter() - began) * 1000


def scrolled_plain(windows: Windows, text: str) -> dict[str, float]:
    page = windows.browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    lines = "".join(f"<div>{html.escape(line) or '<br>'}</div>" for line in text[:300_000].splitlines())
    page.set_content(f"{PLAIN}{lines}</div></div>")
    found = scrolled(page)
    page.context.close()
    return found


def scrolled(page: Page) -> dict[str, float]:
    """Scroll for some seconds, as fast as a hand does; what the browser's trace says of frames."""
    session = page.context.new_cdp_session(page)
    events: list[dict[str, Any]] = []
    session.on("Tracing.dataCollected", lambda said: events.extend(said["value"]))
    ended: list[Any] = []
    session.on("Tracing.tracingComplete", lambda said: ended.append(said))
    box = page.locator(".text .cm-content").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, 500)
    session.send("Tracing.start", {"traceConfig": {"includedCategories": CATEGORIES.split(",")}})
    for direction in (-1, -1, 1):
        session.send(
            "Input.synthesizeScrollGesture",
            {"x": box["x"] + 300, "y": 500, "yDistance": direction * SCROLL_PIXELS, "speed": SCROLL_SPEED},
        )
    session.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(50)
    return frames(events)


def frames(events: list[dict[str, Any]]) -> dict[str, float]:
    """Frames drawn and dropped, and the main thread's tasks, from a trace (times in microseconds)."""
    drawn = sorted(event["ts"] for event in events if event["name"] == "DrawFrame")
    gaps = [(b - a) / 1000 for a, b in itertools.pairwise(drawn)]
    tasks = [event["dur"] / 1000 for event in events if event["name"] == "RunTask" and "dur" in event]
    seconds = (drawn[-1] - drawn[0]) / 1e6 if len(drawn) > 1 else 0.0
    return {
        "frames_per_s": round(len(gaps) / seconds, 1) if seconds else 0.0,
        "frame_p95_ms": round(percentile(gaps, 95), 1),
        "frame_max_ms": round(max(gaps, default=0.0), 1),
        "dropped": float(sum(event["name"] == "DroppedFrame" for event in events)),
        "longest_task_ms": round(max(tasks, default=0.0), 1),
    }


def keys(window: Window) -> list[float]:
    """Select words with a double click and press a label's key; milliseconds from key to painted mark."""
    page = window.page
    page.evaluate(TIME_KEYS)
    label = page.locator("aside.left button.label").first
    hotkey, before = label.locator("kbd").inner_text().lower(), number_of(label)
    pressed = 0
    while pressed < KEYS:
        place = page.evaluate(FREE_WORD, pressed % 5)
        if place is not None:
            page.mouse.dblclick(*place)
            page.wait_for_timeout(150)
            page.keyboard.press(hotkey)
            pressed += 1
            page.wait_for_timeout(250)
        page.mouse.wheel(0, 300)
        page.wait_for_timeout(250)
    assert number_of(label) == before + KEYS, "a key made no mark"
    slow: list[float] = page.evaluate("() => window.keys")
    return slow + [float(LEAST_MS)] * (KEYS - len(slow))


def number_of(label: Locator) -> int:
    return int(label.locator(".n").inner_text().split()[0].replace(",", ""))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, help="a plain text to use instead of one that repeats a sentence")
    parser.add_argument("--spans", type=int, default=10_000)
    options = parser.parse_args()
    text = options.text.read_text() if options.text else large_task.plain_text(50_000)
    with site() as here:
        large = large_task.make(here.server, here.folder, options.spans, text[: large_task.MAX_CHARACTERS])
        opens = []
        for _ in range(OPENS):
            window, milliseconds = opened(here.windows, large)
            opens.append(milliseconds)
            window.until_saved()
            if len(opens) < OPENS:
                window.context.close()
        scroll = scrolled(window.page)
        plain = scrolled_plain(here.windows, text)
        pressed = keys(window)
    report(opens, scroll | {f"plain_{name}": value for name, value in plain.items()}, pressed, options.spans)


def report(opens: list[float], scroll: dict[str, float], pressed: list[float], spans: int) -> None:
    found = {
        "open_ms": round(statistics.median(opens)),
        "key_p50_ms": round(percentile(pressed, 50), 1),
        "key_p95_ms": round(percentile(pressed, 95), 1),
        "key_max_ms": round(max(pressed, default=0.0), 1),
        **scroll,
    }
    rows = [[name, value, AIMS.get(name)] for name, value in found.items()]
    table(f"1 MB of text, {spans:,} spans", ["figure", "measured", "aim"], rows)
    finish("workspace", spans=spans, opens_ms=[round(each) for each in opens], keys=len(pressed), aims=AIMS, **found)


if __name__ == "__main__":
    main()
