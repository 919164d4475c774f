"""What pages ask for: the filters of the task table and of an export."""

from __future__ import annotations

from typing import Any

from django import forms

from projects.models import Label, Project
from projects.task_table import TaskFilters

LARGEST_ID = 2**63 - 1
STATUS_NAMES = {"open": "open", "in_progress": "in progress", "submitted": "done", "skipped": "skipped"}
ORIGINS = [("human", "people"), ("model", "a model"), ("import", "an import"), ("api", "the API")]
FORMATS = [
    ("jsonl", "JSONL: a task a line, with everything"),
    ("json", "JSON: one array"),
    ("csv", "CSV: a task a row, what holds in a column a field"),
    ("conll", "CoNLL: a token a line, spans as BIO tags"),
]
Choices = list[tuple[str, Any]]


def label_choices(project: Project) -> Choices:
    """Labels by field, as `field:label`; removed ones, too, for what still uses them."""
    known = Label.objects.filter(field__project=project).order_by("field__position", "field_id", "position", "id")
    rows = known.values_list("field_id", "field__name", "field__key", "key", "name")
    groups: dict[int, tuple[str, Choices]] = {}
    for field_id, field_name, field_key, key, name in rows:
        groups.setdefault(field_id, (field_name, []))[1].append((f"{field_key}:{key}", name))
    return list(groups.values())


def member_choices(project: Project) -> Choices:
    members = project.memberships.order_by("user__username").values_list("user_id", "user__username")
    return [(str(user_id), name) for user_id, name in members]


class TaskFilterForm(forms.Form):
    """The filters of the task table, as they stand in its address. What cannot be read does not filter."""

    search = forms.CharField(max_length=200, required=False, widget=forms.TextInput({"type": "search"}))
    status = forms.ChoiceField(choices=[("", "any status"), *STATUS_NAMES.items()], required=False)
    label = forms.ChoiceField(required=False)
    annotator = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    origin = forms.ChoiceField(choices=[("", "any origin"), *ORIGINS], required=False, label="Made by")
    suggestions = forms.BooleanField(required=False, label="suggestions wait")
    after = forms.IntegerField(min_value=0, max_value=LARGEST_ID, required=False, widget=forms.HiddenInput)
    before = forms.IntegerField(min_value=0, max_value=LARGEST_ID, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, project: Project) -> None:
        super().__init__(data)
        self.fields["label"].choices = [("", "any label"), *label_choices(project)]  # type: ignore[attr-defined]
        self.fields["annotator"].choices = [("", "anybody"), *member_choices(project)]  # type: ignore[attr-defined]
        self.full_clean()

    def filters(self) -> TaskFilters:
        names = ("search", "status", "label", "annotator", "origin", "suggestions")
        return TaskFilters(**{name: self.cleaned_data[name] for name in names if name in self.cleaned_data})

    def selects(self) -> list[forms.BoundField]:
        return [self[name] for name in ("status", "label", "annotator", "origin")]

    def in_use(self) -> bool:
        return self.filters() != TaskFilters()


class ExportForm(forms.Form):
    """What to put into an export, and how; the API does the work at the same names."""

    format = forms.ChoiceField(choices=FORMATS, initial="jsonl", widget=forms.RadioSelect)
    status = forms.ChoiceField(choices=[("", "every task"), *STATUS_NAMES.items()], required=False, label="Tasks")
    since = forms.DateField(
        required=False, label="Changed since", widget=forms.DateInput({"type": "date"}), help_text="UTC, from midnight"
    )
    annotator = forms.ChoiceField(required=False, label="Annotations of")
    origin = forms.ChoiceField(choices=[("", "any origin"), *ORIGINS], required=False, label="Made by")

    def __init__(self, project: Project) -> None:
        super().__init__()
        choices = [(name, name) for _, name in member_choices(project)]
        self.fields["annotator"].choices = [("", "everybody"), *choices]  # type: ignore[attr-defined]
