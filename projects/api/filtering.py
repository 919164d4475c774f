"""The filters of tasks as requests name them: in the address of a list, or in what is asked for many tasks at once."""

from __future__ import annotations

from typing import Annotated, Literal

from django.contrib.auth import get_user_model
from pydantic import BaseModel
from pydantic import Field as Limits

from projects.api.bodies import MAX_ID
from projects.task_table import NOBODY, TaskFilters

NOBODYS = "nobody"
UNKNOWN = -1  # no user has this id

Status = Literal["open", "in_progress", "submitted", "skipped"]
Origin = Literal["human", "model", "import", "api"]
Score = Annotated[float, Limits(allow_inf_nan=False)]


class Filtering(BaseModel):
    """Which tasks. What is not given does not filter; what is said of annotations must hold of one annotation."""

    status: Status | None = None
    search: Annotated[str, Limits(max_length=200, description="Part of the text, in any case.")] = ""
    label: Annotated[str, Limits(max_length=201, description="A label's key, or `field:label`.")] = ""
    annotator: Annotated[str, Limits(max_length=150, description="A user's name or id.")] = ""
    origin: Origin | None = None
    suggestions: Annotated[bool, Limits(description="Only tasks in which suggestions wait.")] = False
    assignee: Annotated[
        str,
        Limits(max_length=150, description="Whose work it is: a user's name or id; `nobody` for what is not assigned."),
    ] = ""
    score_from: Annotated[
        Score | None,
        Limits(
            description="Only tasks with a waiting suggestion of at least this score; "
            "`label` and `origin` are then those of the suggestion."
        ),
    ] = None
    comments: Annotated[
        Literal["open", "any", "none"] | None,
        Limits(description="Only tasks with a thread that nobody resolved, with comments at all, or with none."),
    ] = None
    score_to: Annotated[Score | None, Limits(description="The same, of at most this score.")] = None

    def task_filters(self) -> TaskFilters:
        return TaskFilters(
            search=self.search,
            status=self.status or "",
            label=self.label,
            annotator=user_id_of(self.annotator),
            origin=self.origin or "",
            suggestions=self.suggestions,
            assignee=NOBODY if self.assignee == NOBODYS else user_id_of(self.assignee),
            score_from=self.score_from,
            score_to=self.score_to,
            comments=self.comments or "",
        )


def user_id_of(name: str) -> int | None:
    """The id of a user given by name or by id. Who does not exist has said nothing: no error tells names apart."""
    if not name:
        return None
    users = get_user_model().objects
    found = users.filter(username=name).first()
    if found is None and name.isascii() and name.isdigit() and int(name) <= MAX_ID:
        found = users.filter(pk=int(name)).first()
    return found.pk if found else UNKNOWN
