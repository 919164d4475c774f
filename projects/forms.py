"""What pages ask for: the filters of the task table and of an export."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.exporting import Filters
from projects.models import Backend, FieldKind, Label, Project, SavedView
from projects.suggestions.backends import KINDS
from projects.task_table import ANY_COMMENTS, NO_COMMENTS, NOBODY, OPEN_COMMENTS, TaskFilters

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
SCORE = forms.NumberInput({"step": "any", "inputmode": "decimal", "placeholder": "0.8"})


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


SELECTS = ("status", "label", "annotator", "assignee")
RARE = ("origin", "suggestions", "score_from", "score_to", "comments")
COMMENTS = [
    ("", gettext_lazy("with or without comments")),
    (OPEN_COMMENTS, gettext_lazy("open comments")),
    (ANY_COMMENTS, gettext_lazy("with comments")),
    (NO_COMMENTS, gettext_lazy("without comments")),
]
PLACES = ("after", "before")


class TaskFilterForm(forms.Form):
    """The filters of the task table, as they stand in its address. What cannot be read does not filter."""

    search = forms.CharField(max_length=200, required=False, widget=forms.TextInput({"type": "search"}))
    status = forms.ChoiceField(choices=[("", "any status"), *STATUS_NAMES.items()], required=False)
    label = forms.ChoiceField(required=False)
    annotator = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    assignee = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label=gettext_lazy("Assigned to"))
    origin = forms.ChoiceField(choices=[("", "any origin"), *ORIGINS], required=False, label="Made by")
    suggestions = forms.BooleanField(required=False, label="suggestions wait")
    score_from = forms.FloatField(required=False, label=gettext_lazy("score from"), widget=SCORE)
    score_to = forms.FloatField(required=False, label=gettext_lazy("score to"), widget=SCORE)
    comments = forms.ChoiceField(choices=COMMENTS, required=False, label=gettext_lazy("Comments"))
    after = forms.IntegerField(min_value=0, max_value=LARGEST_ID, required=False, widget=forms.HiddenInput)
    before = forms.IntegerField(min_value=0, max_value=LARGEST_ID, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, project: Project) -> None:
        super().__init__(data)
        members = member_choices(project)
        nobody = (str(NOBODY), _("nobody"))
        choices: dict[str, Choices] = {
            "label": [("", "any label"), *label_choices(project)],
            "annotator": [("", _("any annotator")), *members],
            "assignee": [("", _("any assignee")), nobody, *members],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        self.full_clean()

    def filters(self) -> TaskFilters:
        names = ("search", *SELECTS, *RARE)
        return TaskFilters(**{name: self.cleaned_data[name] for name in names if name in self.cleaned_data})

    def selects(self) -> list[forms.BoundField]:
        return [self[name] for name in SELECTS]

    def in_use(self) -> bool:
        return self.filters() != TaskFilters()

    def rare_in_use(self) -> list[tuple[str, str]]:
        """What the filters that are folded away say: the words, and the address without them."""
        given = self.filters()
        origins = dict(ORIGINS)
        said = [
            ("origin", _("made by %(who)s") % {"who": origins.get(given.origin, "")} if given.origin else ""),
            ("suggestions", _("suggestions wait") if given.suggestions else ""),
            ("score_from", f"{_('score')} ≥ {given.score_from:g}" if given.score_from is not None else ""),
            ("score_to", f"{_('score')} ≤ {given.score_to:g}" if given.score_to is not None else ""),
            ("comments", str(dict(COMMENTS)[given.comments]) if given.comments else ""),
        ]
        return [(words, self.query(without=name)) for name, words in said if words]

    def query(self, without: str = "") -> str:
        """What the address must say to show the same tasks from the start; what filters nothing is left out."""
        lean = QueryDict(mutable=True)
        for name in ("search", *SELECTS, *RARE):
            value = self.data.get(name, "")
            if name != without and value != "" and self.cleaned_data.get(name) not in (None, "", False):
                lean[name] = value
        return lean.urlencode()


class SavedViewForm(forms.ModelForm):  # type: ignore[type-arg]
    """A name for the filters that are set."""

    class Meta:
        model = SavedView
        fields = ("name", "query")


def backend_choices(project: Project) -> Choices:
    """The backends that can be run."""
    backends = Backend.objects.filter(project=project, enabled=True, kind__in=KINDS).order_by("pk")
    return [(str(pk), name) for pk, name in backends.values_list("pk", "name")]


class ExportForm(forms.Form):
    """What to put into an export, and how; the API does the work at the same names."""

    format = forms.ChoiceField(choices=FORMATS, initial="jsonl", widget=forms.RadioSelect)
    status = forms.ChoiceField(choices=[("", "every task"), *STATUS_NAMES.items()], required=False, label="Tasks")
    since = forms.DateField(
        required=False, label="Changed since", widget=forms.DateInput({"type": "date"}), help_text="UTC, from midnight"
    )
    annotator = forms.ChoiceField(required=False, label="Annotations of")
    origin = forms.ChoiceField(choices=[("", "any origin"), *ORIGINS], required=False, label="Made by")

    field = forms.ChoiceField(required=False, label=gettext_lazy("Spans of (CoNLL)"))

    def __init__(self, project: Project, data: Any = None) -> None:
        super().__init__(data or None)
        choices = [(name, name) for _, name in member_choices(project)]
        self.fields["annotator"].choices = [("", "everybody"), *choices]  # type: ignore[attr-defined]
        spans = project.fields.filter(kind=FieldKind.SPAN).order_by("removed", "position", "pk")
        fields = list(spans.values_list("key", "name"))
        self.fields["field"].choices = fields  # type: ignore[attr-defined]
        if len(fields) < 2:
            del self.fields["field"]

    def chosen(self) -> tuple[str, Filters]:
        """The format and the filters; what cannot be read does not filter."""
        self.full_clean()
        given = self.cleaned_data if self.is_bound else {}
        since = given.get("since")
        at = datetime.combine(since, time.min, UTC) if since else None
        names = ("status", "annotator", "origin", "field")
        return given.get("format") or "jsonl", Filters(since=at, **{name: given.get(name) or None for name in names})
