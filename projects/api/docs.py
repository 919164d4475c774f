"""The API's own documentation page, made from its OpenAPI document: plain HTML, no script, nothing from elsewhere."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

DEEPEST = 6  # of a sample; schemas that hold themselves end there

Json = Any


@dataclass(frozen=True)
class Row:
    """One parameter or member, as a line of a table."""

    name: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    anchor: str
    summary: str
    description: str
    parameters: list[Row]
    body_type: str
    body_rows: list[Row]
    body_sample: str
    answers: list[tuple[str, str, str]]  # status, what it means, a sample


@dataclass(frozen=True)
class Section:
    name: str
    anchor: str
    operations: list[Operation] = field(default_factory=list)


class Reader:
    """Reads the parts of one OpenAPI document."""

    def __init__(self, document: Json) -> None:
        self._document = document

    def sections(self) -> list[Section]:
        found: dict[str, Section] = {}
        for path, methods in self._document["paths"].items():
            for method, operation in methods.items():
                name = operation.get("tags", ["other"])[0]
                section = found.setdefault(name, Section(name, slug(name)))
                section.operations.append(self._operation(path, method, operation))
        return list(found.values())

    def _operation(self, path: str, method: str, operation: Json) -> Operation:
        content: Json = operation.get("requestBody", {}).get("content", {})
        body_type = next(iter(content), "")
        schema = content[body_type]["schema"] if content else {}
        return Operation(
            method=method.upper(),
            path=path,
            anchor=slug(f"{method} {path}"),
            summary=operation["summary"].capitalize(),
            description=marked(operation.get("description", "")),
            parameters=[self._parameter(parameter) for parameter in operation["parameters"]],
            body_type=body_type,
            body_rows=self._members(schema),
            body_sample=sample_text(self.sample(schema)) if body_type == "application/json" else "",
            answers=[
                self._answer(status, answer) for status, answer in operation["responses"].items() if status != "default"
            ],
        )

    def _parameter(self, parameter: Json) -> Row:
        schema = parameter["schema"]
        description = marked(parameter.get("description") or schema.get("description", ""))
        where = "in the path" if parameter["in"] == "path" else "query"
        return Row(parameter["name"], f"{self.kind(schema)}, {where}", parameter["required"], description)

    def _answer(self, status: Any, answer: Json) -> tuple[str, str, str]:
        content = answer.get("content", {}).get("application/json", {})
        sample = sample_text(self.sample(content["schema"])) if content.get("schema") else ""
        return str(status), answer["description"], sample

    def _members(self, schema: Json) -> list[Row]:
        schema = self.resolved(schema)
        required = schema.get("required", [])
        return [
            Row(name, self.kind(member), name in required, marked(member.get("description", "")))
            for name, member in schema.get("properties", {}).items()
        ]

    def resolved(self, schema: Json) -> Json:
        """The schema itself: references followed, the first of several choices that is not null."""
        while "$ref" in schema:
            schema = self._document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        for several in ("anyOf", "oneOf", "allOf"):
            choices = [choice for choice in schema.get(several, []) if choice.get("type") != "null"]
            if choices:
                return self.resolved(choices[0])
        return schema

    def kind(self, schema: Json) -> str:
        """A word or two for what a value is."""
        choices = schema.get("anyOf") or schema.get("oneOf")
        if choices:
            return " or ".join(dict.fromkeys(self.kind(choice) for choice in choices))
        schema = self.resolved(schema)
        if "enum" in schema or "const" in schema:
            return " | ".join(json.dumps(value) for value in schema.get("enum", [schema.get("const")]))
        if schema.get("type") == "array":
            return f"list of {self.kind(schema.get('items', {}))}"
        return str(schema.get("type", "anything"))

    def sample(self, schema: Json, depth: int = 0) -> Json:
        """A value of the schema."""
        examples = schema.get("examples")
        schema = self.resolved(schema)
        examples = examples or schema.get("examples")
        if examples:
            return examples[0]
        if depth > DEEPEST:
            return None
        if "default" in schema and schema["default"] not in (None, [], {}):
            return schema["default"]
        return self._sample_by_type(schema, depth)

    def _sample_by_type(self, schema: Json, depth: int) -> Json:
        match schema.get("type"):
            case "object":
                members = schema.get("properties", {})
                return {name: self.sample(member, depth + 1) for name, member in members.items()}
            case "array":
                return [self.sample(schema.get("items", {}), depth + 1)]
            case "string":
                return schema.get("const") or schema.get("enum", ["…"])[0]
            case "integer":
                return max(1, schema.get("minimum", 1))
            case "number":
                return 0.5
            case "boolean":
                return False
        return None


def marked(text: str) -> SafeString:
    """A sentence in which `code` is code."""
    return mark_safe(re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text)))  # noqa: S308 - escaped just before


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def sample_text(sample: Json) -> str:
    return json.dumps(sample, indent=2, ensure_ascii=False)


class Page(DocsBase):
    """`/api/docs`."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        document = api.get_openapi_schema()
        context = {
            "title": document["info"]["title"],
            "version": document["info"]["version"],
            "sections": Reader(document).sections(),
            "openapi_url": reverse(f"{api.urls_namespace}:openapi-json"),
        }
        return render(request, "api/docs.html", context)
