"""A project's model backends: rows of its page, and the answer to "does this one work?"."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from unfold.admin import StackedInline
from unfold.forms import PaginationInlineFormSet

from projects.admin.project_forms import BackendForm
from projects.admin.rights import InlineOfManagers
from projects.models import Backend, Project
from projects.suggestions.testing import test_connection


class BackendFormSet(PaginationInlineFormSet):
    def get_unique_error_message(self, unique_check: Any) -> str:
        return "Two backends have the same name."


class BackendInline(InlineOfManagers, StackedInline):
    model = Backend
    form, formset = BackendForm, BackendFormSet
    fieldsets = (
        (None, {"fields": (("name", "kind"), "url", ("enabled", "run_on_open"))}),
        ("Limits and settings", {"fields": ("timeout_seconds", "settings"), "classes": ("collapse",)}),
    )
    extra = 0
    verbose_name, verbose_name_plural = "backend", "Model backends"


def answer_test(request: HttpRequest, project: Project) -> JsonResponse:
    """Try a backend as it stands in the form, saved or not, and say in a sentence what came of it."""
    form = BackendForm(request.POST, instance=Backend(project=project))
    if not form.is_valid():
        sentences = [str(error) for errors in form.errors.values() for error in errors]
        return JsonResponse({"ok": False, "sentence": " ".join(sentences)})
    works, sentence = test_connection(form.save(commit=False))
    return JsonResponse({"ok": works, "sentence": sentence})
