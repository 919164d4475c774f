"""Traces, against a collector of the test's own that speaks OTLP over HTTP."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.projects import make_project
from tests.support.servers import Server


class Collector:
    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        bodies = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self._thread = threading.Thread(target=self.server.serve_forever)
        self._thread.start()

    def spans(self) -> list[tuple[str, str, dict[str, str]]]:
        """Name, trace and attributes of each."""
        return [
            (span.name, span.trace_id.hex(), {a.key: a.value.string_value for a in span.attributes})
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


def test_a_request_is_a_span_of_its_callers_trace_without_its_query(tmp_path: Path, collector: Collector) -> None:
    data = tmp_path / "data"
    data.mkdir()
    settings = {"OTEL_TRACES": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "NO_PROXY": "127.0.0.1"}
    server = Server(data, **settings)
    try:
        server.start()
        made = make_project(server, "traced", ["Text."], {"ann": "manager"}, memory=False)
        trace = "0af7651916cd43dd8448eb211c80319c"
        headers = {
            "Authorization": f"Bearer {made.tokens['ann']}",
            "traceparent": f"00-{trace}-b7ad6b7169203331-01",
            "X-Request-ID": "traced-1234",
        }
        address = f"{server.url}/api/projects/{made.project}/tasks?search=xylophonist"
        urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=20).close()
        server.stop()
    finally:
        server.kill()
    (found,) = [span for span in collector.spans() if span[1] == trace]
    name, _, attributes = found
    assert name == "GET /api/projects/<int:project_id>/tasks"
    assert attributes["colabel.request"] == "traced-1234"
    assert all(b"xylophonist" not in body for body in collector.bodies)
