"""The forms of an import: the file, and how it is to be read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from projects.importing import FORMATS
from projects.models import Project

CHOICES = [("", "found out"), *((name, format_.title) for name, format_ in FORMATS.items())]


class UploadForm(forms.Form):
    file = forms.FileField(
        widget=UnfoldAdminFileFieldWidget(),
        help_text="JSONL, JSON, CSV, TSV, CoNLL or plain text, with or without labels; "
        f"{settings.IMPORT_MAX_BYTES >> 20} MB at most.",
    )


class ReadingForm(forms.Form):
    """How the file is read. Everything may be left to the importer."""

    format = forms.ChoiceField(required=False, choices=CHOICES, widget=UnfoldAdminSelectWidget())
    text_column = forms.CharField(
        required=False, max_length=200, widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "found by its name"})
    )
    label_column = forms.CharField(
        required=False, max_length=200, widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "found by its name"})
    )
    create_labels = forms.ChoiceField(
        label="Labels that the project does not have",
        required=False,
        choices=[
            ("", "are made where a field has none yet"),
            ("yes", "are made"),
            ("no", "are refused, with their row"),
        ],
        widget=UnfoldAdminSelectWidget(),
    )

    def __init__(self, data: Any, project: Project) -> None:
        super().__init__(data)
        fields = project.fields.filter(removed=False)
        choices = [("", "the field that fits"), *((field.key, field.name) for field in fields)]
        self.fields["field"] = forms.ChoiceField(
            label="Labels answer", required=False, choices=choices, widget=UnfoldAdminSelectWidget()
        )
        self.order_fields(["format", "text_column", "label_column", "field", "create_labels"])

    @property
    def options(self) -> dict[str, Any]:
        """What was chosen, as the importer knows it."""
        names = ("text_column", "label_column", "field")
        chosen: dict[str, Any] = {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}
        create = self.cleaned_data.get("create_labels")
        return {**chosen, "create_labels": create == "yes"} if create else chosen
