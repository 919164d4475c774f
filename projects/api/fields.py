"""Fields and their labels. Removed ones stay as rows, since documents still speak of them."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field as Limits

from projects import access, questions
from projects.api import answers, shapes
from projects.api.bodies import BY_SHAPE, OBJECT, TEXT, Body, Name, Prose, answer, nothing
from projects.api.changing import change_of, give
from projects.api.problems import Problem, within, wrong
from projects.models import Field, FieldKind, Label, Project

router = Router(tags=["fields and labels"])

LABELLED = frozenset({FieldKind.SPAN, FieldKind.CHOICE})

Colour = Annotated[str, Limits(pattern=r"^#[0-9a-fA-F]{6}$", examples=["#0072b2"])]
Hotkey = Annotated[str, Limits(pattern=r"^[0-9a-z]$", examples=["p"])]
Description = Annotated[Prose, Limits(max_length=500)]
Bound = Annotated[int, Limits(ge=0, le=100)]


class NewLabel(Body):
    name: Annotated[Name, Limits(examples=["person"])]
    description: Description = ""
    colour: Colour | None = None
    hotkey: Hotkey | None = None


LabelOrName = Annotated[Annotated[Name, TEXT] | Annotated[NewLabel, OBJECT], BY_SHAPE]


class LabelChange(Body):
    name: Name | None = None
    description: Description | None = None
    colour: Colour | None = None
    hotkey: Hotkey | Literal[""] | None = None


class NewField(Body):
    name: Annotated[Name, Limits(examples=["entities"])]
    kind: Literal["span", "choice", "text", "rating"]
    multiple: bool = False
    required: bool = False
    minimum: Bound = 1
    maximum: Bound = 5
    labels: Annotated[list[LabelOrName], Limits(max_length=1000, examples=[["person", "organisation"]])] = []


class FieldChange(Body):
    name: Name | None = None
    multiple: bool | None = None
    required: bool | None = None
    minimum: Bound | None = None
    maximum: Bound | None = None


def make_field(project: Project, new: NewField, where: str = "body") -> Field:
    """Add a field with its labels; `where` says where in the request it stands."""
    need_free_name(project.fields.filter(removed=False, name=new.name).exists(), "field", new.name, where)
    need_bounds(new.minimum, new.maximum, where)
    if new.labels and new.kind not in LABELLED:
        raise wrong(
            within(where, "labels"), f"a {new.kind} field has no labels", "none, or a field of kind span or choice"
        )
    settings = new.model_dump(include={"multiple", "required", "minimum", "maximum"})
    field = questions.add_field(project, new.name, new.kind, **settings)
    for number, label in enumerate(new.labels):
        make_label(field, NewLabel(name=label) if isinstance(label, str) else label, within(where, f"labels[{number}]"))
    return field


def make_label(field: Field, new: NewLabel, where: str = "body") -> Label:
    if field.kind not in LABELLED:
        raise wrong(where, f"a {field.kind} field has no labels", "a field of kind span or choice")
    need_free_name(field.labels.filter(removed=False, name=new.name).exists(), "label", new.name, where)
    need_free_hotkey(field.project_id, new.hotkey, where)
    return questions.add_label(
        field, new.name, description=new.description, colour=new.colour or "", hotkey=new.hotkey or ""
    )


def need_free_name(taken: bool, noun: str, name: str, where: str) -> None:
    if taken:
        error = {"where": within(where, "name"), "what": f"“{name}” is taken", "expected": f"the name of a new {noun}"}
        raise Problem(409, f"There is already a {noun} “{name}” here; expected another name.", [error])


def need_free_hotkey(project_id: int, hotkey: str | None, where: str, label: Label | None = None) -> None:
    """Refuse a key that another label of the project has: pressing it must mean one thing."""
    holder = questions.hotkeys_in_use(project_id, [label.pk] if label else []).get(hotkey or "")
    if holder:
        raise wrong(
            within(where, "hotkey"), f"“{hotkey}” is the key of the label “{holder.name}”", "a key that is free"
        )


def need_bounds(minimum: int, maximum: int, where: str) -> None:
    if minimum >= maximum:
        raise wrong(within(where, "maximum"), f"{maximum} is not above the minimum {minimum}", "more than the minimum")


@router.get("/projects/{int:project_id}/fields", response=answers.Fields)
def list_fields(request: HttpRequest, project_id: int) -> HttpResponse:
    """A project's fields with their labels, removed ones among them."""
    project = access.get_project(request.user, project_id)
    fields = project.fields.prefetch_related("labels")
    return answer({"items": [shapes.field_json(field) for field in fields], "next": None})


@router.post("/projects/{int:project_id}/fields", response={201: answers.FieldOut})
def create_field(request: HttpRequest, project_id: int, body: NewField) -> HttpResponse:
    """A new field, with labels given as names or as objects. A removed field of this name and kind comes back."""
    project = access.get_project_to_manage(request.user, project_id)
    with change_of(project.pk):
        field = make_field(project, body)
    return answer(shapes.field_json(field), status=201)


@router.get("/fields/{int:field_id}", response=answers.FieldOut)
def get_field(request: HttpRequest, field_id: int) -> HttpResponse:
    return answer(shapes.field_json(access.get_field(request.user, field_id)))


@router.patch("/fields/{int:field_id}", response=answers.FieldOut)
def change_field(request: HttpRequest, field_id: int, body: FieldChange) -> HttpResponse:
    """Change a field. Its kind and its key stay: annotations were made with them."""
    field = access.get_field_to_manage(request.user, field_id)
    changes = body.given()
    with change_of(field.project_id):
        others = field.project.fields.exclude(pk=field.pk).filter(removed=False, name=body.name)
        need_free_name(others.exists(), "field", body.name or "", "body")
        give(field, changes)
        need_bounds(field.minimum, field.maximum, "body")
        field.save(update_fields=changes.keys())
    return answer(shapes.field_json(field))


@router.delete("/fields/{int:field_id}", response={204: None})
def delete_field(request: HttpRequest, field_id: int) -> HttpResponse:
    """Remove a field. What was said of it stays in the documents, marked, until somebody decides."""
    field = access.get_field_to_manage(request.user, field_id)
    with change_of(field.project_id):
        questions.remove(field)
    return nothing()


@router.get("/fields/{int:field_id}/labels", response=answers.Labels)
def list_labels(request: HttpRequest, field_id: int) -> HttpResponse:
    """A field's labels, removed ones among them."""
    field = access.get_field(request.user, field_id)
    return answer({"items": [shapes.label_json(label) for label in field.labels.all()], "next": None})


@router.post("/fields/{int:field_id}/labels", response={201: answers.LabelOut})
def create_label(request: HttpRequest, field_id: int, body: NewLabel) -> HttpResponse:
    """A new label; its colour and hotkey are chosen where none is given. A removed label of this name comes back."""
    field = access.get_field_to_manage(request.user, field_id)
    with change_of(field.project_id):
        label = make_label(field, body)
    return answer(shapes.label_json(label), status=201)


@router.get("/labels/{int:label_id}", response=answers.LabelOut)
def get_label(request: HttpRequest, label_id: int) -> HttpResponse:
    return answer(shapes.label_json(access.get_label(request.user, label_id)))


@router.patch("/labels/{int:label_id}", response=answers.LabelOut)
def change_label(request: HttpRequest, label_id: int, body: LabelChange) -> HttpResponse:
    """Change a label. Its key stays, so that a renamed label keeps its annotations."""
    label = access.get_label_to_manage(request.user, label_id)
    changes = body.given()
    with change_of(label.field.project_id):
        others = label.field.labels.exclude(pk=label.pk).filter(removed=False, name=body.name)
        need_free_name(others.exists(), "label", body.name or "", "body")
        need_free_hotkey(label.field.project_id, body.hotkey, "body", label)
        give(label, changes)
        label.save(update_fields=changes.keys())
    return answer(shapes.label_json(label))


@router.delete("/labels/{int:label_id}", response={204: None})
def delete_label(request: HttpRequest, label_id: int) -> HttpResponse:
    """Remove a label. What uses it stays, marked, until somebody decides."""
    label = access.get_label_to_manage(request.user, label_id)
    with change_of(label.field.project_id):
        questions.remove(label)
    return nothing()
