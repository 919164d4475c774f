"""How request bodies are read and answers written: strictly, with bounds, and fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from ninja.parser import Parser
from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from projects.api.problems import Problem, wrong
from projects.exact_json import NotJson, holds_nul, read_json, write_json

T = TypeVar("T")

MAX_ID = 2**63 - 1
NAME_CHARACTERS = 100


def _one_line(value: str) -> str:
    """A name is shown in lists and menus: no line breaks, tabs or NUL, and something to see."""
    value = value.strip()
    if not value or not value.isprintable():
        raise ValueError("printable characters on one line")
    return value


def _no_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("a text without NUL characters")  # PostgreSQL cannot keep them
    return value


def _storable(value: dict[str, Any]) -> dict[str, Any]:
    try:
        write_json(value)
    except NotJson as error:
        raise ValueError(f"what can be kept: {error}")
    if holds_nul(value):
        raise ValueError("texts without NUL characters")
    return value


Name = Annotated[str, Field(min_length=1, max_length=NAME_CHARACTERS), AfterValidator(_one_line)]
Prose = Annotated[str, AfterValidator(_no_nul)]
JsonObject = Annotated[dict[str, Any], AfterValidator(_storable)]
Id = Annotated[int, Field(ge=1, le=MAX_ID)]


def _shape_of(value: Any) -> str:
    return "<list>" if isinstance(value, list) else "<text>" if isinstance(value, str) else "<object>"


# Marks the members of a union by the shape of what was given, so that a complaint speaks of that one only:
# Annotated[Annotated[One, OBJECT] | Annotated[list[One], LIST], BY_SHAPE]. `problems.place` leaves the marks out.
BY_SHAPE, OBJECT, LIST, TEXT = Discriminator(_shape_of), Tag("<object>"), Tag("<list>"), Tag("<text>")


class Body(BaseModel):
    """A JSON body: no member that is not known, no string for a number."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def given(self) -> dict[str, Any]:
        """What the request really held, without defaults; null means "not given" for members that cannot be null."""
        return {name: value for name, value in self.model_dump(exclude_unset=True).items() if value is not None}


class Query(BaseModel):
    """Parameters of an address; see `only_known`. An empty one is what a form sends for "any"."""

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in given.items() if value not in ("", None)}


class JsonParser(Parser):
    """JSON without NaN or endless depth, its integers exact."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            return read_json(request.body)
        except NotJson as error:
            raise Problem(400, f"The body cannot be read: {error}. Expected JSON in UTF-8.")


def answer(data: Any, status: int = 200) -> HttpResponse:
    """JSON as it is. Response schemas document it and tests hold it to them; checking each answer costs too much."""
    return HttpResponse(write_json(data), status=status, content_type="application/json")


async def in_thread(function: Callable[..., T], *args: Any, **named: Any) -> T:
    """Run blocking code, a query for instance, beside the event loop."""
    return await sync_to_async(function)(*args, **named)


def nothing() -> HttpResponse:
    return HttpResponse(status=204)


def only_known(request: HttpRequest, query: type[Query]) -> None:
    """Refuse a parameter that `query` does not know: a filter with a typo would otherwise let everything through."""
    for name in request.GET:
        if name not in query.model_fields:
            raise wrong(f"query: {name}", "is not known here", f"one of {', '.join(query.model_fields)}")
