"""The Django app that holds projects, tasks and what is said of them."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from projects.columns import keep_json_as_text  # once the settings can be read

        keep_json_as_text()
