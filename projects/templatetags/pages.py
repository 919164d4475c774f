"""What templates say in few words: numbers, times, colours, people, and the words that were searched for."""

from __future__ import annotations

import datetime
import re

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from projects import people
from projects.forms import STATUS_NAMES

register = template.Library()

NARROW_SPACE = "\u202f"
COLOURLESS = "#8a95a3"


@register.filter
def grouped(number: int) -> str:
    """1041 as 1 041, with a narrow space that does not break."""
    return f"{number:,}".replace(",", NARROW_SPACE)


@register.filter
def percent_of(part: int, whole: int) -> int:
    """`part` in per cent of `whole`, rounded down, so that 100 means all of it."""
    return part * 100 // whole if whole else 0


@register.filter
def status_name(status: str) -> str:
    """A task's status in the words of the pages."""
    return STATUS_NAMES.get(status, status)


@register.filter
def safe_colour(colour: str) -> str:
    """A colour fit for a style attribute: what is not #rrggbb becomes grey."""
    return colour if re.fullmatch(r"#[0-9a-fA-F]{6}", colour or "") else COLOURLESS


@register.filter
def colour_of(user_id: int) -> str:
    return people.colour_of(user_id)


@register.filter
def initials(name: str) -> str:
    return people.initials(name)


@register.filter
def ago(moment: datetime.datetime) -> str:
    """How long ago, in one short word: now, 5 min, 3 h, 2 d, else the date."""
    seconds = (timezone.now() - moment).total_seconds()
    for limit, unit, name in ((60, 0, "now"), (3600, 60, "min"), (86_400, 3600, "h"), (7 * 86_400, 86_400, "d")):
        if seconds < limit:
            return f"{int(seconds // unit)}\u00a0{name}" if unit else name
    return f"{moment:%Y-%m-%d}"


@register.filter
def when(moment: datetime.datetime) -> SafeString:
    """`ago` with the exact time behind it; one piece, as a table has many."""
    exact = moment.astimezone(datetime.UTC)
    return format_html(
        '<time datetime="{}" title="{} UTC" data-shows="changed">{}</time>',
        exact.isoformat(timespec="seconds"),
        f"{exact:%Y-%m-%d %H:%M}",
        ago(moment),
    )


@register.filter
def marked(text: str, wanted: str) -> SafeString:
    """`text` escaped, with every occurrence of `wanted`, in any case, in a <mark>."""
    if not wanted:
        return escape(text)
    pieces = re.split(f"({re.escape(wanted)})", text, flags=re.IGNORECASE)
    # Odd pieces are what was found; each piece is escaped on its own before any markup is put around it.
    shown = (f"<mark>{escape(piece)}</mark>" if index % 2 else escape(piece) for index, piece in enumerate(pieces))
    return mark_safe("".join(shown))  # noqa: S308 - made of escaped pieces only
