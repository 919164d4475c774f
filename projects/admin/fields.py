"""A field of a project and its labels: the page where colours, hotkeys and order are set."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminTextareaWidget

from projects.admin.changes import announce
from projects.admin.label_forms import LabelForm, LabelFormSet, names_in
from projects.admin.rights import InlineOfManagers, OfManagers, managed_projects
from projects.models import Field, FieldKind, Label, Project
from projects.questions import add_field, add_label, remove

LABELLED = frozenset({FieldKind.SPAN, FieldKind.CHOICE})
IS_LABELLED, IS_CHOICE, IS_RATING = "kind == 'span' || kind == 'choice'", "kind == 'choice'", "kind == 'rating'"


class FieldForm(forms.ModelForm):
    more_labels = forms.CharField(
        label="Labels",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text="One per line, or separated by commas. Each gets a colour and a hotkey of its own.",
    )

    class Meta:
        model = Field
        fields = ("name", "kind", "multiple", "required", "minimum", "maximum", "position")
        labels = {"position": "Place"}
        help_texts = {"position": "Fields are shown from the lowest to the highest number."}

    project: Project  # set by the admin on the class that it makes for a request

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            # Documents hold the kind beside each annotation.
            self.fields["kind"].disabled = True
            self.fields["kind"].help_text = "Stays as it is: what people said is of this kind."

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        others = self.project.fields.filter(removed=False, name__iexact=name).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(f"The project has a field called “{name}” already.")
        return name

    def clean_more_labels(self) -> list[str]:
        names = names_in(self.cleaned_data["more_labels"])
        long = next((name for name in names if len(name) > 100), None)
        if long:
            raise forms.ValidationError(f"A label has 100 characters at most: “{long[:40]}…” is longer.")
        if self.instance.pk:
            there = set(self.instance.labels.filter(removed=False).values_list("name", flat=True))
            names = [name for name in names if name not in there]
        return names

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = data.get("kind") or self.instance.kind
        if kind == FieldKind.RATING and data.get("minimum", 0) >= data.get("maximum", 1):
            self.add_error("maximum", "The highest rating must be above the lowest.")
        if not self.instance.pk and kind in LABELLED and not data.get("more_labels"):
            self.add_error("more_labels", "A field of this kind needs at least one label.")
        return data


class LabelInline(InlineOfManagers, TabularInline):
    model = Label
    form, formset = LabelForm, LabelFormSet
    fields = ("name", "colour", "hotkey", "description", "position")
    ordering_field, hide_ordering_field = "position", True
    extra, hide_title = 0, True
    verbose_name, verbose_name_plural = "label", "Labels"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(removed=False)


@admin.register(Field)
class FieldAdmin(OfManagers, ModelAdmin):
    form = FieldForm
    inlines = (LabelInline,)
    conditional_fields = {
        "multiple": IS_CHOICE,
        "minimum": IS_RATING,
        "maximum": IS_RATING,
        "more_labels": IS_LABELLED,
    }
    delete_confirmation_template = "admin/projects/field/delete_confirmation.html"
    change_form_outer_before_template = "admin/projects/field/back.html"
    change_form_after_template = "admin/projects/field/removed_labels.html"
    show_add_link = False  # it would not know for which project
    actions = None

    class Media:
        js = (forms.Script("admin-colabel/labels.js", type="module"),)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(removed=False)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False  # fields are reached from their project

    def get_form(self, request: HttpRequest, obj: Field | None = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        form.project = obj.project if obj else self._project(request)
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Field | None = None) -> Any:
        kind = obj.kind if obj else None
        shown = ["name", "kind", "required"]
        shown += ["multiple"] if kind in (None, FieldKind.CHOICE) else []
        shown += ["minimum", "maximum"] if kind in (None, FieldKind.RATING) else []
        if kind is None:
            return [(None, {"fields": [*shown, "more_labels"]})]
        shown.append("position")
        more = [("Add several labels at once", {"fields": ["more_labels"], "classes": ["collapse"]})]
        return [(None, {"fields": shown}), *(more if kind in LABELLED else [])]

    def get_inlines(self, request: HttpRequest, obj: Field | None) -> Any:
        return self.inlines if obj and obj.kind in LABELLED else ()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:projects_project_changelist"))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        field = self.get_object(request, object_id) if object_id else None
        project = field.project if field else (None if object_id else self._project(request))
        title = {"title": f"Field “{field.name}”" if field else "New field", "subtitle": None}
        removed = list(field.labels.filter(removed=True)) if field else []
        context = {"project": project, "show_save_and_add_another": False, "removed_labels": removed, **title}
        return super().changeform_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Field, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=[name for name in form.changed_data if name != "more_labels"])
            return
        settings = {name: form.cleaned_data[name] for name in ("multiple", "required", "minimum", "maximum")}
        obj.pk = add_field(form.project, obj.name, obj.kind, **settings).pk
        obj.refresh_from_db()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.instance.kind in LABELLED:
            for name in form.cleaned_data.get("more_labels", ()):
                if not form.instance.labels.filter(name=name, removed=False).exists():
                    add_label(form.instance, name)
        announce(form.instance.project_id)

    def delete_model(self, request: HttpRequest, obj: Field) -> None:
        remove(obj)
        announce(obj.project_id)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        return [], {}, set(), []  # nothing is deleted: the field is marked

    def response_post_save_add(self, request: HttpRequest, obj: Field) -> HttpResponse:
        return HttpResponseRedirect(project_url(obj.project_id))

    def response_post_save_change(self, request: HttpRequest, obj: Field) -> HttpResponse:
        return HttpResponseRedirect(project_url(obj.project_id))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        field = self.get_object(request, object_id)
        response = super().delete_view(request, object_id, extra_context)
        if field and isinstance(response, HttpResponseRedirect):
            return HttpResponseRedirect(project_url(field.project_id))
        return response

    @staticmethod
    def _project(request: HttpRequest) -> Project:
        """The project that a new field is for: it stands in the address."""
        number = request.GET.get("project", "")
        project = managed_projects(request.user).filter(pk=number).first() if number.isdecimal() else None
        if project is None:
            raise Http404("A field is added from the page of its project.")
        return project


def project_url(project_id: int) -> str:
    return reverse("admin:projects_project_change", args=[project_id])
