"""The rows of labels on a field's page: what each may hold, and that no hotkey of a project gives two labels."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminTextInputWidget

from projects.models import Label
from projects.palette import COLOURS, HOTKEYS, RESERVED_HOTKEYS, next_colour, next_hotkey
from projects.questions import add_label, hotkeys_in_use, remove


def names_in(text: str) -> list[str]:
    """The names that a person listed by lines or commas, each once, in their order."""
    names = (" ".join(part.split()) for part in re.split(r"[\n,]", text))
    return list(dict.fromkeys(name for name in names if name))


class HotkeyField(forms.CharField):
    """One key; a capital is what a shift lock makes of it."""

    widget = UnfoldAdminTextInputWidget

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").lower()


class LabelForm(forms.ModelForm):
    hotkey = HotkeyField(
        required=False,
        max_length=1,
        widget=UnfoldAdminTextInputWidget(
            attrs={"data-hotkeys": HOTKEYS, "class": "label-hotkey", "autocomplete": "off"}
        ),
    )

    class Meta:
        model = Label
        fields = ("name", "colour", "hotkey", "description", "position")
        widgets = {
            "colour": UnfoldAdminColorInputWidget(attrs={"data-palette": " ".join(COLOURS), "class": "label-colour"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["position"].required = False

    def has_changed(self) -> bool:
        """A row that was added and left without a name is not meant: its colour came by itself."""
        named = bool(self.data.get(self.add_prefix("name"), "").strip())
        return super().has_changed() and (bool(self.instance.pk) or named)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_colour(self) -> str:
        return (self.cleaned_data["colour"] or self.instance.colour).lower()

    def clean_hotkey(self) -> str:
        key: str = self.cleaned_data["hotkey"]
        if key in RESERVED_HOTKEYS:
            raise forms.ValidationError(f"“{key}” is a command of the workspace. Take a digit or another letter.")
        return key

    def clean_position(self) -> int:
        given = self.cleaned_data["position"]
        return self.instance.position if given is None else given


class LabelFormSet(PaginationInlineFormSet):
    """Removing marks the row; adding the name of a removed label brings it back."""

    @property
    def empty_form(self) -> Any:
        form = super().empty_form
        labels = [] if self.instance.pk is None else self.instance.labels.filter(removed=False)
        used = hotkeys_in_use(self.instance.project_id) if self.instance.project_id else {}
        form.initial["colour"] = next_colour(label.colour for label in labels)
        form.initial["hotkey"] = next_hotkey(used)
        form.initial["position"] = None
        return form

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form.is_valid() and self._stays(form)]
        self._refuse_the_same_name_twice(kept)
        self._refuse_the_same_hotkey_twice(kept)

    def _stays(self, form: LabelForm) -> bool:
        return bool(form.cleaned_data.get("name")) and not form.cleaned_data.get("DELETE")

    def _refuse_the_same_name_twice(self, forms_: list[LabelForm]) -> None:
        seen: set[str] = set()
        for form in forms_:
            name = form.cleaned_data["name"]
            if name.casefold() in seen:
                form.add_error("name", f"The field has a label called “{name}” already.")
            seen.add(name.casefold())

    def _refuse_the_same_hotkey_twice(self, forms_: list[LabelForm]) -> None:
        elsewhere = hotkeys_in_use(self.instance.project_id, apart_from=[f.instance.pk for f in self.initial_forms])
        taken = {key: f"“{label.name}” of the field “{label.field.name}”" for key, label in elsewhere.items()}
        for form in forms_:
            key, name = form.cleaned_data.get("hotkey"), form.cleaned_data.get("name")
            if key and key in taken:
                form.add_error("hotkey", f"The hotkey “{key}” gives {taken[key]} already.")
            elif key:
                taken[key] = f"“{name}”"

    def save_new(self, form: Any, commit: bool = True) -> Label:
        data = form.cleaned_data
        label = add_label(
            self.instance,
            data["name"],
            description=data["description"],
            colour=data["colour"],
            hotkey=data["hotkey"],
        )
        if data["position"]:
            label.position = data["position"]
            label.save(update_fields=["position"])
        return label

    def delete_existing(self, obj: Label, commit: bool = True) -> None:
        remove(obj)
