"""Addresses of the pages and of the REST API."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

from projects.models import Project


def healthz(request: HttpRequest) -> HttpResponse:
    """200 when this process can serve: the database answers and its tables are there."""
    Project.objects.exists()
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [path("healthz", healthz)]
