"""A span for each request, sent to an OpenTelemetry collector. Loaded only where OTEL_TRACES is on (docs/operations.md).

By hand rather than by Django's instrumentation: that one would send whole addresses, and a query string holds what somebody
searched for. Where the collector is, and everything else, is said by OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_...).
"""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware
from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from annotator.collaboration.log_context import bound

provider = TracerProvider(resource=Resource.create({"service.name": "colabel"}))  # OTEL_SERVICE_NAME goes before it
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
atexit.register(provider.shutdown)  # what is not sent yet is sent
tracer = provider.get_tracer("colabel")


@contextmanager
def span_of(request: HttpRequest) -> Iterator[trace.Span]:
    """The span of a request, below that of whoever asked. What an error says is not recorded: it may quote content."""
    above = propagate.extract(request.headers)
    with tracer.start_as_current_span(
        str(request.method), above, trace.SpanKind.SERVER, record_exception=False, set_status_on_exception=False
    ) as span:
        yield span


def describe(span: trace.Span, request: HttpRequest, response: Any) -> None:
    """Name the span by its route, which holds no ids, and say what came of it."""
    route = getattr(request.resolver_match, "route", None)
    if route is not None:
        span.update_name(f"{request.method} /{route}")
        span.set_attribute("http.route", f"/{route}")
    span.set_attribute("http.request.method", str(request.method))
    span.set_attribute("http.response.status_code", response.status_code)
    span.set_attribute("colabel.request", str(bound().get("request", "")))
    if response.status_code >= 500:
        span.set_status(trace.StatusCode.ERROR)


@sync_and_async_middleware
def tracing_middleware(get_response: Any) -> Any:
    async def answer(request: HttpRequest) -> Any:
        with span_of(request) as span:
            response = await get_response(request)
            describe(span, request, response)
        return response

    def answer_synchronously(request: HttpRequest) -> Any:
        with span_of(request) as span:
            response = get_response(request)
            describe(span, request, response)
        return response

    return answer if iscoroutinefunction(get_response) else answer_synchronously
