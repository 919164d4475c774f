#!/usr/bin/env python3
"""Django's command line for this site."""

import os
import sys

SERVING = ("serve", "run_worker")
DRIVERS = {"DATABASE_URL": "psycopg", "REDIS_URL": "redis"}


def spare_drivers() -> None:
    """Libraries import drivers that they find, used or not: 20 MB in a server and as much in a worker that have neither."""
    if sys.argv[1:2] and sys.argv[1] in SERVING:
        for variable, driver in DRIVERS.items():
            if not os.environ.get(variable):
                sys.modules[driver] = None  # type: ignore[assignment]  # as if it were not installed


def main() -> None:
    spare_drivers()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Not started: {error}")


if __name__ == "__main__":
    main()
