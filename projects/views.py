"""The pages, each from what the person who asks may see. They only read; changes go another way."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects import access, demo, live, my_work, overview
from projects.api import shapes
from projects.api.tasks import find_next
from projects.exporting.overlaps import overlapping_spans
from projects.exporting.preview import preview
from projects.figures import charts_json, figures_of
from projects.forms import ExportForm, TaskFilterForm
from projects.guidelines import guidelines_html
from projects.models import Job, JobKind, Project, SavedView, TaskStatus
from projects.people import colour_of
from projects.task_table import COUNTED, Count, TaskFilters, TaskPage, TaskRow, count_matching, task_page
from projects.templatetags.pages import grouped

NEXT_TASKS = 6  # rows on the overview
JOBS_LOOKED_AT = 10
JOBS_SHOWN_FOR = timedelta(seconds=30)  # after their end


def project_context(request: HttpRequest, project: Project, tab: str) -> dict[str, Any]:
    """What every page of a project shows around its own content."""
    role = access.role_in(request.user, project.pk)
    return {"project": project, "role": role, "may_manage": access.may_manage(role), "tab": tab}


@require_safe
@login_required
def my_projects(request: HttpRequest) -> HttpResponse:
    """Where a person starts: their work, then their projects."""
    projects = list(access.projects_of(request.user))
    ids = [project.pk for project in projects]
    cards, work = my_work.cards(request.user, projects), my_work.my_work(request.user, ids)
    waiting = sorted(cards, key=lambda card: (-card.assigned, -card.suggested))
    context = {
        "cards": cards,
        "work": work,
        "waiting": [card for card in waiting if card.assigned or card.suggested],
        "unfinished": any(card.progress.unfinished for card in cards),
    }
    return render(request, "projects/my_projects.html", context)


def _next_tasks(project: Project) -> list[TaskRow]:
    """What is begun, then what is open."""
    begun = task_page(project, TaskFilters(status=TaskStatus.IN_PROGRESS), limit=NEXT_TASKS // 2).rows
    return begun + task_page(project, TaskFilters(status=TaskStatus.OPEN), limit=NEXT_TASKS - len(begun)).rows


@require_safe
@login_required
def project_overview(request: HttpRequest, project_id: int) -> HttpResponse:
    project = access.get_project(request.user, project_id)
    figures = figures_of(project)
    context = project_context(request, project, "overview") | {
        "figures": figures,
        "progress": figures.progress,
        "said": figures.said,
        "labels": figures.labels,
        "shares": figures.shares,
        "charts": charts_json(figures),
        "jobs": jobs_shown(project, request.user),
        "rows": _next_tasks(project),
        "search": "",
        "guidelines": guidelines_html(project.guidelines),
    }
    return render(request, "projects/overview.html", context)


@require_safe
@login_required
def project_figures(request: HttpRequest, project_id: int) -> HttpResponse:
    """What the charts of a project show now, for a page that is open."""
    project = access.get_project(request.user, project_id)
    response = JsonResponse(charts_json(figures_of(project)))
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@login_required
def project_tasks(request: HttpRequest, project_id: int) -> HttpResponse:
    """The table, or only what of it changes with its filters, for a page that has the rest (`static/js/table.js`)."""
    started = time.perf_counter()
    project = access.get_project(request.user, project_id)
    form = TaskFilterForm(request.GET, project)
    filters = form.filters()
    after, before = form.cleaned_data.get("after"), form.cleaned_data.get("before")
    page = task_page(project, filters, after, before)
    query = form.query()
    views = SavedView.objects.filter(Q(owner=request.user.pk) | Q(shared=True), project=project)
    context = project_context(request, project, "tasks") | {
        "form": form,
        "page": page,
        "count": count_shown(project, filters, page),
        "tasks": overview.task_count(project),
        "query": query,
        "views": views.select_related("owner"),
        "jobs": jobs_shown(project, request.user),
        "search": filters.search,
        "milliseconds": round((time.perf_counter() - started) * 1000),
    }
    only_part = request.headers.get("X-Part") == "table"
    response = render(request, "includes/task_table.html" if only_part else "projects/tasks.html", context)
    response["Vary"] = "X-Part, Cookie"
    response["Cache-Control"] = "no-store"
    return response


def count_shown(project: Project, filters: TaskFilters, page: TaskPage) -> Count:
    """How many tasks match: exact where that is known or cheap to know."""
    if page.before is None and page.after is None:
        return Count(len(page.rows))
    if filters == TaskFilters():
        return Count(overview.task_count(project))
    return count_matching(project.pk, filters, COUNTED)


def jobs_shown(project: Project, user: Any) -> list[Job]:
    """Jobs under way, and the batches of this person that have just ended."""
    lately = timezone.now() - JOBS_SHOWN_FOR
    latest = list(project.jobs.all()[:JOBS_LOOKED_AT])
    return [
        job
        for job in latest
        if job.ended is None or (job.ended > lately and job.created_by_id == user.pk and job.kind != JobKind.IMPORT)
    ]


@require_safe
@login_required
async def continue_labelling(request: HttpRequest, project_id: int) -> HttpResponse:
    """To the first task that wants work, rather one that nobody is on; to the table where all is done."""
    user = await request.auser()
    project = await sync_to_async(access.get_project)(user, project_id)
    busy = live.engine().hub.tasks_with_people(project.pk)
    task_id = await sync_to_async(find_next)(project, 0, busy, user.pk or 0)
    if task_id is None:
        said = _("There is no open task for you: all are done, skipped or somebody else's. These are all of them.")
        await sync_to_async(messages.info)(request, said)
        return redirect("project_tasks", project_id=project.pk)
    return redirect("workspace", project_id=project.pk, task_id=task_id)


def overlaps_told(project: Project) -> str:
    """What CoNLL will leave out of an export, for who is about to choose it; nothing where nothing overlaps."""
    counts = overlapping_spans(project)
    if counts is None:
        return "CoNLL leaves out spans that overlap others; JSONL holds them all."
    names = dict(project.fields.values_list("key", "name"))
    said = ", ".join(f"{grouped(count)} of “{names.get(key, key)}”" for key, count in sorted(counts.items()))
    return f"Spans that overlap others: {said}. CoNLL leaves them out; JSONL holds them all." if said else ""


@require_safe
@login_required
def project_export(request: HttpRequest, project_id: int) -> HttpResponse:
    project = access.get_project(request.user, project_id)
    form = ExportForm(project, request.GET)
    format, filters = form.chosen()
    context = project_context(request, project, "export") | {
        "form": form,
        "format": format,
        "preview": preview(project, format, filters),
    }
    if request.headers.get("X-Part") == "preview":
        response = render(request, "includes/export_preview.html", context)
    else:
        response = render(request, "projects/export.html", context | {"overlaps": overlaps_told(project)})
    response["Vary"] = "X-Part, Cookie"
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@login_required
def workspace(request: HttpRequest, project_id: int, task_id: int) -> HttpResponse:
    task = access.get_task(request.user, task_id)
    if task.project_id != project_id:
        raise access.NotYours(f"There is no task {task_id} in project {project_id}.")
    user: Any = request.user
    shown = shapes.task_json(task, user)
    boot = {
        "project": shapes.project_json(task.project, user),
        # A long text goes over the line once: `data` would hold it again.
        "task": shown | {"data": task.data},
        "me": {"id": user.pk, "name": user.get_username(), "colour": colour_of(user.pk)},
        "login": f"/accounts/login/?next={request.path}",
        "demo": task.project.name == demo.NAME,
    }
    language = get_language_from_request(request)
    return render(request, "projects/workspace.html", {"boot": boot, "language": language})
