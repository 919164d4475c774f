"""What the task table's pages change: batches, asked about first, and views that get a name. Each says who may."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from projects import access, jobs
from projects.batches import asking
from projects.batches.asking import CannotDo
from projects.batches.selection import MOST_PICKED, Selection, all_that_match, picked
from projects.forms import LARGEST_ID, SavedViewForm, TaskFilterForm, backend_choices, member_choices
from projects.models import Job, Project, SavedView
from projects.task_table import TaskRow, rows_of
from projects.views import project_context

SHOWN = 5  # of the tasks that a batch is for, before it is asked for
ACTIONS = ("delete", "assign", "run")


def project_to_manage(request: HttpRequest, project_id: int) -> Project:
    try:
        return access.get_project_to_manage(request.user, project_id)
    except access.NotAllowed as refused:
        raise PermissionDenied(str(refused)) from None


def back_to_table(project: Project, query: str) -> HttpResponse:
    address = reverse("project_tasks", args=[project.pk])
    return redirect(f"{address}?{query}" if query else address)


def asked(request: HttpRequest, project: Project) -> tuple[Selection, str]:
    """The tasks that a form means, and the address of the table that it came from."""
    form = TaskFilterForm(QueryDict(request.POST.get("query", "")[:2000]), project)
    if request.POST.get("everything"):
        return all_that_match(project, form.filters()), form.query()
    ids = sorted({int(given) for given in request.POST.getlist("task") if given.isascii() and given.isdigit()})
    return picked([task_id for task_id in ids if task_id <= LARGEST_ID][:MOST_PICKED]), form.query()


@require_POST
@login_required
def batch(request: HttpRequest, project_id: int) -> HttpResponse:
    """Say what is about to happen to how many tasks; and once somebody is sure, let it happen."""
    project = project_to_manage(request, project_id)
    action = request.POST.get("action")
    if action not in ACTIONS:
        raise Http404("There is no such action.")
    selection, query = asked(request, project)
    if request.POST.get("sure"):
        try:
            begin(request, project, action, selection)
        except CannotDo as refused:
            messages.error(request, str(refused))
        return back_to_table(project, query)
    count = selection.count(project.pk)
    if not count:
        messages.error(request, _("No task is selected, or those that were are gone. Tick some, then choose again."))
        return back_to_table(project, query)
    context = project_context(request, project, "tasks") | {
        "action": action,
        "count": count,
        "rows": first_rows(project, selection),
        "more": max(0, count - SHOWN),
        "ids": selection.ids,
        "query": query,
        "members": member_choices(project),
        "backends": backend_choices(project),
    }
    return render(request, "projects/batch.html", context)


def first_rows(project: Project, selection: Selection) -> list[TaskRow]:
    return rows_of(selection.next_ids(project.pk, 0, SHOWN), selection.filters.search)


def begin(request: HttpRequest, project: Project, action: str, selection: Selection) -> Job:
    if action == "delete":
        return asking.delete(project, selection, request.user)
    if action == "assign":
        return asking.assign(project, selection, request.user, chosen_member(request, project))
    backends = project.backends.filter(pk=number(request.POST.get("backend", "")))
    backend = backends.first()
    if backend is None:
        raise CannotDo(_("The model is not there any more. Choose another one."))
    return asking.run(project, selection, request.user, backend)


def chosen_member(request: HttpRequest, project: Project) -> Any | None:
    given = request.POST.get("assignee", "")
    if given == "":
        return None
    member = project.memberships.select_related("user").filter(user=number(given)).first()
    if member is None:
        raise CannotDo(_("This person is not a member of the project any more. Choose somebody else."))
    return member.user


def number(given: str) -> int:
    """An id from a form; 0, which nothing has, where it is none."""
    return int(given) if given.isascii() and given.isdigit() and int(given) <= LARGEST_ID else 0


@require_POST
@login_required
def cancel(request: HttpRequest, project_id: int, job_id: int) -> HttpResponse:
    """Ask a job to end; what it has done stays done."""
    project = project_to_manage(request, project_id)
    jobs.cancel(access.get_job_to_manage(request.user, job_id))
    return back_to_table(project, request.POST.get("query", ""))


@require_POST
@login_required
def save_view(request: HttpRequest, project_id: int) -> HttpResponse:
    """Give the filters that are set a name; the same name again means the new filters. Managers may share it."""
    project = access.get_project(request.user, project_id)
    query = TaskFilterForm(QueryDict(request.POST.get("query", "")[:2000]), project).query()
    form = SavedViewForm({"name": request.POST.get("name", "").strip(), "query": query})
    if form.is_valid():
        may_share = access.may_manage(access.role_in(request.user, project.pk))
        shared = may_share and bool(request.POST.get("shared"))
        SavedView.objects.update_or_create(
            project=project,
            owner_id=request.user.pk,
            name=form.cleaned_data["name"],
            defaults={"query": query, "shared": shared},
        )
    else:
        messages.error(
            request, _("The view was not saved: it needs a name of at most 60 characters, and a filter or a search.")
        )
    return back_to_table(project, query)


@require_POST
@login_required
def delete_view(request: HttpRequest, project_id: int, view_id: int) -> HttpResponse:
    """Forget a view: one's own, or as a manager any that is shared."""
    project = access.get_project(request.user, project_id)
    view = SavedView.objects.filter(project=project, pk=view_id).first()
    may_manage = access.may_manage(access.role_in(request.user, project.pk))
    if view is None or not (view.owner_id == request.user.pk or (view.shared and may_manage)):
        raise Http404("There is no such view.")
    view.delete()
    return back_to_table(project, request.POST.get("query", ""))
