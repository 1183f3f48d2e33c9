"""The WSGI application that the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zbmaint.settings")
application = get_wsgi_application()

from zbmaint.queue.presence import beat_beside  # noqa: E402  # models can be imported from here on

beat_beside("web", "web")
