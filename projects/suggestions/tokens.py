"""Where words begin and end in any script, as far as finding wordings again needs it. Pure."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator

# Scripts that write without spaces: each character is a word, so that a wording is found inside a sentence.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)


def _marks() -> str:
    """Combining marks and joiners, which belong to the letter before them, as ranges of a character class."""
    ranges: list[tuple[int, int]] = []
    for code in range(0x300, min(sys.maxunicode, 0x1FFFF) + 1):
        if unicodedata.category(chr(code))[0] == "M":
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1] = (ranges[-1][0], code)
            else:
                ranges.append((code, code))
    return "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b in ranges) + "\u200c\u200d"


MARKS = _marks()
WORD = re.compile(rf"[{UNSPACED}][{MARKS}]*|(?:(?![{UNSPACED}])\w)(?:(?![{UNSPACED}])[\w{MARKS}])*|[^\w\s][{MARKS}]*")


def tokens(text: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
    """The words and signs of a text, in order; offsets are code points."""
    return WORD.finditer(text, start, len(text) if end is None else end)


def normal(wording: str) -> str:
    """A wording with its white space made equal: a line break inside a name is no other name."""
    return " ".join(wording.split())
