"""A project's page in the admin: what it is, what it asks, who works on it, which models help; and making a new one."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin, TabularInline

from projects.admin import backends, uploads
from projects.admin.changes import announce
from projects.admin.fields import LABELLED, project_url
from projects.admin.project_forms import PEOPLE_LIST, MemberForm, MemberFormSet, NewProjectForm, ProjectForm
from projects.admin.rights import InlineOfManagers, OfManagers, managed_projects
from projects.guidelines import guidelines_html
from projects.models import Membership, Project, Role, TaskStatus
from projects.project_templates import TEMPLATES, create_project
from projects.removal import delete_project


class MemberInline(InlineOfManagers, TabularInline):
    model = Membership
    form, formset = MemberForm, MemberFormSet
    fields = ("username", "role")
    extra, hide_title = 0, True
    verbose_name, verbose_name_plural = "member", "Members"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("user")


@admin.register(Project)
class ProjectAdmin(OfManagers, ModelAdmin):
    form = ProjectForm
    project_lookup = "pk"
    list_display = ("line", "progress", "people")
    search_fields = ("name", "description")
    inlines = (MemberInline, backends.BackendInline)
    fieldsets = (
        (None, {"fields": ("name", "description", "guidelines")}),
        ("History", {"fields": ("history_days", "history_then")}),
    )
    list_before_template = "admin/projects/project/list_before.html"
    change_form_template = "admin/projects/project/change_form.html"
    delete_confirmation_template = "admin/projects/project/delete_confirmation.html"
    actions = None
    list_per_page = 50

    class Media:
        js = (forms.Script("admin-colabel/project.js", type="module"),)

    # -- the list --------------------------------------------------------------------------------------------------

    @admin.display(description="Project", ordering="name")
    def line(self, project: Project) -> SafeString:
        return format_html("<b>{}</b><br><small>{}</small>", project.name, project.description)

    @admin.display(description="Submitted")
    def progress(self, project: Project) -> str:
        counts = task_counts(project)
        return (
            f"{counts['submitted']:,} of {counts['tasks']:,}".replace(",", " ") if counts["tasks"] else "no tasks yet"
        )

    @admin.display(description="Members")
    def people(self, project: Project) -> int:
        return project.memberships.count()

    # -- pages -----------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def page(address: str, view: Any, name: str) -> URLPattern:
            return path(f"<int:project_id>/{address}", self.admin_site.admin_view(self._managed(view)), name=name)

        return [
            page("import/", uploads.upload, "projects_project_import"),
            page("import/preview/", uploads.preview, "projects_project_import_preview"),
            page("import/<int:job_id>/", uploads.progress, "projects_project_import_job"),
            page("import/<int:job_id>/state/", uploads.state, "projects_project_import_state"),
            page("import/<int:job_id>/cancel/", require_POST(uploads.cancel), "projects_project_import_cancel"),
            page("guidelines/", require_POST(preview_guidelines), "projects_project_guidelines"),
            page("test-backend/", require_POST(backends.answer_test), "projects_project_test_backend"),
            *super().get_urls(),
        ]

    def _managed(self, view: Any) -> Any:
        """A view of one project, for its managers; for anybody else there is no such page."""

        def of_project(request: HttpRequest, project_id: int, **kwargs: Any) -> HttpResponse:
            project = managed_projects(request.user).filter(pk=project_id).first()
            if project is None:
                raise Http404("There is no such project.")
            response = view(request, project, **kwargs)
            if isinstance(response, TemplateResponse):
                context = {**self.admin_site.each_context(request), "project": project, "opts": self.opts}
                response.context_data = {**context, **(response.context_data or {})}
            return response

        return of_project

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A new project is made from a template, in one form."""
        if not self.has_add_permission(request):
            raise Http404("There is no such page.")
        form = NewProjectForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return self._create(request, form)
        shown = {
            key: {"description": template.description, "fields": [field.name for field in template.labelled_fields]}
            for key, template in TEMPLATES.items()
        }
        context = {"title": "New project", "form": form, "templates": shown, "opts": self.opts}
        context = {**self.admin_site.each_context(request), **context, "media": self.media, **(extra_context or {})}
        return TemplateResponse(request, "admin/projects/project/new.html", context)

    def _create(self, request: HttpRequest, form: NewProjectForm) -> HttpResponse:
        data = form.cleaned_data
        project = create_project(
            data["name"],
            data["template"],
            form.labels,
            request.user,
            description=data["description"],
            members=[(user, Role.ANNOTATOR) for user in data["members"] if user != request.user],
        )
        self.log_addition(request, project, [{"added": {}}])
        messages.success(request, f"The project “{project.name}” is ready. Next: import the texts.")
        return HttpResponseRedirect(project_url(project.pk))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        project = kwargs.get("obj")
        if project is not None:
            fields = list(project.fields.prefetch_related("labels"))
            context |= {
                "title": project.name,
                "subtitle": None,
                "counts": task_counts(project),
                "fields_shown": [field for field in fields if not field.removed],
                "fields_removed": [field for field in fields if field.removed],
                "labelled": LABELLED,
                "last_job": project.jobs.first(),
                "people_list": PEOPLE_LIST,
                "people_known": known_people(request.user),
                "show_save_and_add_another": False,
            }
        return super().render_change_form(request, context, *args, **kwargs)

    # -- saving ----------------------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Project, form: Any, change: bool) -> None:
        # Only what was changed: the revision in this copy may be older than the database's.
        obj.save(update_fields=form.changed_data)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self._warn_of_managers_outside(request, form.instance)
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            announce(form.instance.pk)

    def _warn_of_managers_outside(self, request: HttpRequest, project: Project) -> None:
        outside = project.memberships.filter(role=Role.MANAGER, user__is_staff=False).select_related("user")
        names = ", ".join(member.user.get_username() for member in outside)
        if names:
            messages.warning(
                request, f"Managers who cannot open this admin yet: {names}. A superuser can make them staff."
            )

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Counts only: a list of a hundred thousand tasks helps nobody to decide."""
        counts = task_counts(objs[0])
        return [], {"tasks": counts["tasks"], "submitted tasks": counts["submitted"]}, set(), []

    def delete_model(self, request: HttpRequest, obj: Project) -> None:
        # Its tasks go in many small commits, which cannot stand inside this page's transaction.
        transaction.on_commit(partial(delete_project, obj))


def task_counts(project: Project) -> dict[str, int]:
    done = Count("pk", filter=Q(status=TaskStatus.SUBMITTED))
    return project.tasks.order_by().aggregate(tasks=Count("pk"), submitted=done)


def known_people(user: Any) -> list[str]:
    """The names that may be offered to a manager: everybody's to a superuser, else those met in the own projects."""
    people = get_user_model().objects.filter(is_active=True).order_by("username")
    if not user.is_superuser:
        people = people.filter(memberships__project__in=managed_projects(user)).distinct()
    return list(people.values_list("username", flat=True)[:500])


def preview_guidelines(request: HttpRequest, project: Project) -> JsonResponse:
    return JsonResponse({"html": guidelines_html(request.POST.get("markdown", "")[:200_000])})
