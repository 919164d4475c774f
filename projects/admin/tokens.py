"""API tokens: issued, shown once, revoked. A manager issues the own ones only: a token is as good as a password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from projects import access
from projects.models import ApiToken


class TokenForm(forms.ModelForm):
    class Meta:
        model = ApiToken
        fields = ("user", "name")
        widgets = {"user": UnfoldAdminSelectWidget(), "name": UnfoldAdminTextInputWidget()}
        help_texts = {"name": "What it is for, so that you know which one to revoke."}


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    form = TokenForm
    list_display = ("beginning", "user", "name", "created", "revoke")
    list_display_links = None
    search_fields = ("name", "user__username")
    delete_confirmation_template = "admin/projects/apitoken/delete_confirmation.html"
    actions = None

    @admin.display(description="Token")
    def beginning(self, token: ApiToken) -> str:
        return f"{token.hint}…"

    @admin.display(description="")
    def revoke(self, token: ApiToken) -> SafeString:
        url = reverse("admin:projects_apitoken_delete", args=[token.pk])
        return format_html('<a class="cl-button small" href="{}">Revoke</a>', url)

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).select_related("user")
        return rows if request.user.is_superuser else rows.filter(user=request.user)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        people = get_user_model().objects.filter(is_active=True).order_by("username")
        kwargs["queryset"] = (
            people if request.user.is_superuser else people.filter(username=request.user.get_username())
        )
        kwargs["initial"] = request.user.pk
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return access.may_create_projects(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return access.may_create_projects(request.user)

    def has_view_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        own = obj is None or obj.user_id == request.user.pk
        return access.may_create_projects(request.user) and (own or request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return self.has_view_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        row, token = ApiToken.issue(obj.user, obj.name)
        obj.pk = row.pk
        obj.refresh_from_db()
        sentence = "The token of {}, shown this once, so copy it now: <code class='token'>{}</code>"
        messages.success(request, format_html(sentence, obj.user.get_username(), token))

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:projects_apitoken_changelist"))
