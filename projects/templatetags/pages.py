"""What templates say in few words: numbers, times, colours, people, and the words that were searched for."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Any

from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects import people
from projects.forms import STATUS_NAMES
from projects.models import Job, JobKind, JobState
from projects.task_table import TaskRow

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
    title, said = f"{exact:%Y-%m-%d %H:%M} UTC", ago(moment)
    shown = f'<time datetime="{exact.isoformat(timespec="seconds")}" title="{title}" data-shows="changed">{said}</time>'
    return mark_safe(shown)  # noqa: S308 - digits and words of our own


TICK = """<td class="tick"><label><input type="checkbox" name="task" value="{id}">
      <span class="visually-hidden">{name}</span></label></td>
      """
ASSIGNEE = """<td class="assignee">{name}</td>
      """
TASK_ROW = """<tr data-task="{id}">
      {tick}<td class="text"><a href="{table}{id}/" dir="auto">{excerpt}</a></td>
      <td><span class="pill {status}" data-shows="status">{status_name}</span></td>
      {assignee}<td class="here" data-here="{id}"></td>
      <td class="number" data-label="labels" data-shows="annotations">{annotations}</td>
      <td class="number" data-label="suggested" data-shows="suggestions">{suggestions}</td>
      <td class="muted when">{when}</td>
    </tr>"""


def assigned(name: str | None) -> SafeString:
    """The person whose work a task is, as a cell shows them."""
    if name is None:
        return SafeString("")
    return format_html('<span class="visually-hidden">{}</span> <span class="name">{}</span>', _("assigned to"), name)


@register.simple_tag
def task_row(row: TaskRow, table: str, search: str, whole: bool = False, ticks: bool = False) -> SafeString:
    """A row of a table of tasks, in one piece: with a template's nodes fifty of them take a third of the page's time.

    `whole`: with the column that only the whole table has; `ticks`: with a box to pick it.
    """
    tick = TICK.format(id=row.id, name=escape(_("Select task %(id)s") % {"id": row.id})) if ticks else ""
    shown = TASK_ROW.format(
        id=row.id,
        table=escape(table),
        tick=tick,
        assignee=ASSIGNEE.format(name=assigned(row.assignee)) if whole else "",
        excerpt=marked(row.excerpt, search),
        status=escape(row.status),
        status_name=escape(status_name(row.status)),
        annotations=row.annotations,
        suggestions=row.suggestions,
        when=when(row.changed),
    )
    return mark_safe(shown)  # noqa: S308 - numbers, and pieces that are escaped


@register.filter
def job_says(job: Job) -> str:
    """What a job does, or did, in one sentence."""
    ended = job.state == JobState.DONE
    count = ngettext("%(n)s task", "%(n)s tasks", job.options.get("count", 0))
    tasks = count % {"n": grouped(job.options.get("count", 0))}
    if job.kind == JobKind.DELETE:
        return (_("Deleted %(tasks)s") if ended else _("Deleting %(tasks)s")) % {"tasks": tasks}
    if job.kind == JobKind.ASSIGN:
        words = {"tasks": tasks, "who": job.options.get("who") or _("nobody")}
        return (_("Assigned %(tasks)s to %(who)s") if ended else _("Assigning %(tasks)s to %(who)s")) % words
    if job.kind == JobKind.RUN:
        words = {"tasks": tasks, "what": job.options.get("name", "")}
        return (_("Ran %(what)s on %(tasks)s") if ended else _("Running %(what)s on %(tasks)s")) % words
    words = {"file": job.options.get("filename", "")}
    return (_("Imported %(file)s") if ended else _("Importing %(file)s")) % words


@register.filter
def options(field: BoundField) -> SafeString:
    """The options of a select, in their groups; as a form's widget makes them, which renders a template for each."""
    chosen = str(field.value() or "")

    def choices(pairs: Iterable[tuple[Any, Any]]) -> SafeString:
        shown = ((value, SafeString(" selected" if str(value) == chosen else ""), name) for value, name in pairs)
        return format_html_join("", '<option value="{}"{}>{}</option>', shown)

    groups = []
    for value, name in field.field.choices:  # type: ignore[attr-defined]
        if isinstance(name, list | tuple):
            groups.append(format_html('<optgroup label="{}">{}</optgroup>', value, choices(name)))
        else:
            groups.append(choices([(value, name)]))
    return SafeString("".join(groups))


@register.filter
def marked(text: str, wanted: str) -> SafeString:
    """`text` escaped, with every occurrence of `wanted`, in any case, in a <mark>."""
    if not wanted:
        return escape(text)
    pieces = re.split(f"({re.escape(wanted)})", text, flags=re.IGNORECASE)
    # Odd pieces are what was found; each piece is escaped on its own before any markup is put around it.
    shown = (f"<mark>{escape(piece)}</mark>" if index % 2 else escape(piece) for index, piece in enumerate(pieces))
    return mark_safe("".join(shown))  # noqa: S308 - made of escaped pieces only
