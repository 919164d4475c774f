"""Who may do what in the admin: membership decides, not Django's rows of permissions."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from projects import access
from projects.models import Project, Role


def managed_projects(user: Any) -> QuerySet[Project]:
    """The projects that `user` sets up. A superuser sets up all."""
    if user.is_superuser:
        return access.projects_of(user)
    return access.projects_of(user).filter(memberships__user=user, memberships__role=Role.MANAGER)


def manages(user: Any, project_id: int | None) -> bool:
    return project_id is not None and access.may_manage(access.role_in(user, project_id))


def project_id_of(row: Model) -> int | None:
    return row.pk if isinstance(row, Project) else getattr(row, "project_id", None)


class OfManagers:
    """For a ModelAdmin of what belongs to a project: a manager sees and changes rows of the own projects, no others."""

    project_lookup = "project"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows.filter(**{f"{self.project_lookup}__in": managed_projects(request.user).values("pk")})

    def has_module_permission(self, request: HttpRequest) -> bool:
        return access.may_create_projects(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return access.may_create_projects(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, obj)

    @staticmethod
    def _may(request: HttpRequest, obj: Model | None) -> bool:
        """Without an object the question is whether there is anything to see here at all."""
        if not access.may_create_projects(request.user):
            return False
        return obj is None or manages(request.user, project_id_of(obj))


class InlineOfManagers:
    """For an inline: `obj` is the parent. Its own admin asked already; asked again, so that no way leads around it."""

    def _may(self, request: HttpRequest, obj: Model | None) -> bool:
        return obj is None or manages(request.user, project_id_of(obj))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, obj)


class SuperusersOnly:
    """For a ModelAdmin that sets up the site itself."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser
