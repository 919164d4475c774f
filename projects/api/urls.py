"""The REST API as a whole: which resources it has, how it is documented, what an address that it does not have says."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, re_path, reverse
from ninja import NinjaAPI
from ninja.errors import ValidationErrorContext

from projects import uploads
from projects.api import (
    answers,
    backends,
    batches,
    comments,
    docs,
    export,
    fields,
    history,
    jobs,
    members,
    problems,
    projects,
    runs,
    tasks,
)
from projects.api.annotations import router as annotation_router
from projects.api.auth import AUTH
from projects.api.bodies import JsonParser

DESCRIPTION = """People and models label the same tasks together, live; programs take part through this API. What is
written here goes through the same checks as a person's edits and is on everybody's screen at once."""

View = Callable[..., Any]


class Api(NinjaAPI):
    """Ninja's, with problems for answers wherever something is wrong."""

    def validation_error_from_error_contexts(self, error_contexts: list[ValidationErrorContext[Any]]) -> Any:
        complaints = []
        for context in error_contexts:
            model: Any = context.model
            for complaint in context.pydantic_validation_error.errors(include_url=False):
                location = model.__ninja_flatten_map_reverse__.get(complaint["loc"], complaint["loc"])
                complaints.append({**complaint, "loc": (model.__ninja_param_source__, *location)})
        return problems.Invalid(complaints)

    def get_openapi_schema(self, **named: Any) -> Any:
        """Ninja's document, in which every operation may also answer with a problem."""
        document = super().get_openapi_schema(**named)
        schema = answers.ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
        document["components"]["schemas"] |= {**schema.pop("$defs"), "ProblemOut": schema}
        content = {problems.CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
        for methods in document["paths"].values():
            for operation in methods.values():
                operation["responses"]["default"] = {"description": "What is wrong.", "content": content}
        return document

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        patterns = super()._get_urls()
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = with_problems(pattern.callback)
        return [*patterns, re_path(r"", unknown_address)]


def with_problems(view: View) -> View:
    """A view that answers as a problem what comes before or outside of any operation."""

    def too_large(request: HttpRequest) -> HttpResponseBase | None:
        """Before anything is read of it."""
        size = request.META.get("CONTENT_LENGTH") or "0"
        try:
            uploads.need_size(int(size) if size.isdigit() else 0)
        except uploads.TooLarge as error:
            return problems.problem_response(413, str(error))
        return None

    def checked(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code == 405:
            allowed = response["Allow"]
            problem = problems.problem_response(405, f"{request.method} is not known here; expected one of {allowed}.")
            problem["Allow"] = allowed
            return problem
        return response

    if iscoroutinefunction(view):

        @wraps(view)
        async def wrapped(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
            return too_large(request) or checked(request, await view(request, *args, **named))

        return markcoroutinefunction(wrapped)

    @wraps(view)
    def wrapped_sync(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        try:
            return too_large(request) or checked(request, view(request, *args, **named))
        except Http404:
            return HttpResponseRedirect(reverse("api:openapi-view"))  # the API's root: Ninja has nothing there

    return wrapped_sync


def unknown_address(request: HttpRequest) -> HttpResponseBase:
    hint = " Addresses have no slash at the end." if request.path.endswith("/") else ""
    return problems.problem_response(404, f"There is no {request.path}; expected an address of /api/docs.{hint}")


unknown_address.csrf_exempt = True  # type: ignore[attr-defined]  # an answer of 404 changes nothing

api = Api(
    title="Colabel API",
    version="1",
    description=DESCRIPTION,
    docs=docs.Page(),
    auth=AUTH,
    parser=JsonParser(),
    urls_namespace="api",
)
problems.install(api)
for router in (
    projects.router,
    fields.router,
    members.router,
    tasks.router,
    annotation_router,
    comments.router,
    history.router,
    runs.router,
    backends.router,
    batches.router,
    jobs.router,
    export.router,
):
    api.add_router("", router)
