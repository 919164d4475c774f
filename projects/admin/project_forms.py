"""The forms of a project: made from a template in one go; its members and its backends as rows of its page."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminURLInputWidget,
)

from projects.admin.label_forms import names_in
from projects.models import Backend, Membership, Project, Role
from projects.project_templates import TEMPLATES
from projects.suggestions.backends import KINDS

PEOPLE_LIST = "colabel-people"  # the datalist with the names that a manager may know

LABELLED_FIELDS = {field.name: field for template in TEMPLATES.values() for field in template.labelled_fields}


def person(name: str) -> Any:
    """The active user of this name; the refusal says the name, so that one of many can be found."""
    user = get_user_model().objects.filter(username=name, is_active=True).first()
    if user is None:
        raise forms.ValidationError(f"There is no user called “{name}”.")
    return user


class NewProjectForm(forms.Form):
    name = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}))
    template = forms.ChoiceField(
        label="What is to be done",
        choices=[(template.key, template.name) for template in TEMPLATES.values()],
        initial="entities",
        widget=UnfoldAdminRadioSelectWidget(),
    )
    description = forms.CharField(
        required=False, max_length=500, widget=UnfoldAdminTextInputWidget(), help_text="One sentence, shown in lists."
    )
    members = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="User names, one per line or separated by commas. They start as annotators; roles can change later.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in LABELLED_FIELDS.items():
            self.fields[f"labels_{name}"] = forms.CharField(
                label=field.asks,
                required=False,
                initial="\n".join(field.labels),
                widget=UnfoldAdminTextareaWidget(attrs={"rows": max(4, len(field.labels))}),
                help_text="Labels, one per line or separated by commas. Each gets a colour and a hotkey.",
            )
        self.order_fields(["name", "template", *(f"labels_{name}" for name in LABELLED_FIELDS), "members"])

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_members(self) -> list[Any]:
        return [person(name) for name in re.split(r"[\s,]+", self.cleaned_data["members"]) if name]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.labels = {}
        for field in TEMPLATES[data["template"]].labelled_fields if "template" in data else ():
            self.labels[field.name] = names = names_in(data.get(f"labels_{field.name}", ""))
            if not names:
                self.add_error(f"labels_{field.name}", "At least one label is needed.")
            elif len(longest := max(names, key=len)) > 100:
                self.add_error(
                    f"labels_{field.name}", f"A label has 100 characters at most: “{longest[:40]}…” is longer."
                )
        return data


class MemberForm(forms.ModelForm):
    username = forms.CharField(
        label="User",
        max_length=150,
        widget=UnfoldAdminTextInputWidget(attrs={"list": PEOPLE_LIST, "autocomplete": "off"}),
    )

    class Meta:
        model = Membership
        fields = ("role",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["username"].disabled = True
            self.initial["username"] = self.instance.user.get_username()

    def clean_username(self) -> str:
        if not self.instance.pk:
            self.instance.user = person(self.cleaned_data["username"].strip())
        return self.instance.user.get_username()


class MemberFormSet(PaginationInlineFormSet):
    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form.is_valid() and form.cleaned_data.get("username")]
        kept = [form for form in kept if not form.cleaned_data.get("DELETE")]
        seen: set[str] = set()
        for form in kept:
            name = form.cleaned_data["username"]
            if name in seen:
                form.add_error("username", f"“{name}” is a member already.")
            seen.add(name)
        managers = [form for form in kept if form.cleaned_data["role"] == Role.MANAGER]
        if not managers and all(form.is_valid() for form in self.forms):
            raise forms.ValidationError("A project needs at least one manager.")


class BackendForm(forms.ModelForm):
    url = forms.URLField(
        label="Address", required=False, max_length=500, assume_scheme="http", widget=UnfoldAdminURLInputWidget()
    )

    class Meta:
        model = Backend
        fields = ("name", "kind", "url", "enabled", "run_on_open", "timeout_seconds", "settings")
        labels = {"run_on_open": "When a task is opened", "timeout_seconds": "Longest run (s)"}
        help_texts = {
            "run_on_open": "",
            "settings": " ".join(f"{kind.title}: {kind.settings_help}" for kind in KINDS.values()),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(
            choices=[(name, kind.title) for name, kind in KINDS.items()], widget=UnfoldAdminSelectWidget()
        )
        self.fields["settings"].widget.attrs["rows"] = 3

    def clean_settings(self) -> dict[str, Any]:
        settings = self.cleaned_data["settings"] or {}
        if not isinstance(settings, dict):
            raise forms.ValidationError("An object was expected, such as {}.")
        return settings

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = KINDS.get(data.get("kind", ""))
        if kind and kind.needs_url and "url" in data and not data["url"]:
            self.add_error("url", "Where is it? Give an address such as http://127.0.0.1:9000/suggest.")
        return data


class ProjectForm(forms.ModelForm):
    class Meta:
        model = Project
        fields = ("name", "description", "guidelines", "history_days", "history_then")
        widgets = {
            "guidelines": UnfoldAdminTextareaWidget(attrs={"rows": 12, "class": "markdown"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:  # a form that says nothing of it changes nothing of it
            given = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict, or a dict of who calls
            given.setdefault(self.add_prefix("history_then"), self.instance.history_then)
            self.data = given

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())
