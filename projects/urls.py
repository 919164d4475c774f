"""Addresses of the pages and of the REST API."""

from django.urls import URLPattern, URLResolver, path

from projects import table_actions, views
from projects.api.urls import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.urls),
    path("", views.my_projects, name="my_projects"),
    path("projects/<int:project_id>/", views.project_overview, name="project_overview"),
    path("projects/<int:project_id>/figures/", views.project_figures, name="project_figures"),
    path("projects/<int:project_id>/tasks/", views.project_tasks, name="project_tasks"),
    path("projects/<int:project_id>/tasks/batch/", table_actions.batch, name="task_batch"),
    path("projects/<int:project_id>/jobs/<int:job_id>/cancel/", table_actions.cancel, name="cancel_job"),
    path("projects/<int:project_id>/views/", table_actions.save_view, name="save_view"),
    path("projects/<int:project_id>/views/<int:view_id>/delete/", table_actions.delete_view, name="delete_view"),
    path("projects/<int:project_id>/tasks/<int:task_id>/", views.workspace, name="workspace"),
    path("projects/<int:project_id>/continue/", views.continue_labelling, name="continue_labelling"),
    path("projects/<int:project_id>/export/", views.project_export, name="project_export"),
]
