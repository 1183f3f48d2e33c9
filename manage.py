#!/usr/bin/env python3
"""Django's command line for zbmaint: `manage.py help` lists the commands."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError, connection

NO_DATABASE = "Start it with `make run` or `make up-services`, or set DATABASE_URL to one that runs."


def main() -> None:
    """Run the command that the arguments name. Without a database: one sentence, and exit status 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zbmaint.settings")
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as problem:
        if connection.connection is not None or "--traceback" in sys.argv:
            raise
        said = str(problem).partition("\n")[0].rstrip(".")
        sys.exit(f"The database does not answer: {said}. {NO_DATABASE}")


if __name__ == "__main__":
    main()
