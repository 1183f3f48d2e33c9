"""Django settings. Everything that differs between installations comes from the environment (`zbmaint.env`)."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
from csp.constants import NONE, SELF

from zbmaint.embedded.layout import locate
from zbmaint.env import env, origin, secret_key
from zbmaint.logs import configuration as log_configuration

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
LAYOUT = locate()
PUBLIC_URL = env.str("PUBLIC_URL", f"http://127.0.0.1:{env.str('PORT', '8000')}").rstrip("/")
SCHEME, PUBLIC_HOST = origin(PUBLIC_URL)
SECURE = SCHEME == "https"

DEBUG = False
SECRET_KEY = secret_key(LAYOUT.root)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [PUBLIC_HOST, "127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "zbmaint.access.views.errors.csrf_failure"
ROOT_URLCONF = "zbmaint.urls"
WSGI_APPLICATION = "zbmaint.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "zbmaint.apps.ProductConfig",
    "zbmaint.access",
    "zbmaint.audit",
    "zbmaint.queue",
    "zbmaint.rollup",
    "zbmaint.ui",
    "zbmaint.dashboard",
    "zbmaint.notifications",
    "incidents",
    "maintenance",
    "zbmaint.apps.OperationsAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "django_q",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "zbmaint.access.middleware.MachineMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "zbmaint.access.middleware.PolicyMiddleware",
    "incidents.views.queue_unchanged.UnchangedMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "zbmaint.access.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "zbmaint.audit.middleware.AddressMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zbmaint.ui.context.shell",
            ],
            "builtins": ["zbmaint.ui.templatetags.ui"],
        },
    }
]

# -- people -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "access.Person"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "zbmaint.access.backend.RoleBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# The page that refuses says until when; another try must not move that time.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_CALLABLE = "zbmaint.access.views.sign_in.locked_out"

# -- data -------------------------------------------------------------------------------------------------------------
DATABASES: dict[str, Any] = {"default": env.dj_db_url("DATABASE_URL", LAYOUT.database_url)}
DATABASES["default"] |= {
    # Connections stay open: opening one costs more than a page. Never OPTIONS["pool"]: forked workers would share it.
    "CONN_MAX_AGE": None,
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": DATABASES["default"].get("OPTIONS", {})
    | {
        "application_name": "zbmaint",
        # What is read is in memory or on an SSD. The default of 4, of disks that turn, avoids indexes that are there.
        "options": "-c client_connection_check_interval=5000 -c random_page_cost=1.1",
        "connect_timeout": 5,  # seconds; a server that is gone must be noticed while somebody waits
    },
}
REDIS_URL = env.str("REDIS_URL", LAYOUT.redis_url)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
SESSION_ENGINE = "zbmaint.access.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14

# -- the browser ------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "style-src": [SELF],
        "script-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
# With https the product stands behind a proxy that ends TLS, and only that proxy may reach it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SESSION_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

STATIC_URL = "/static/"
STATIC_ROOT = LAYOUT.root / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "maintenance.kpis.plotly_file.PlotlyFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LANGUAGE_CODE = "en-gb"
USE_I18N = False
FORMAT_MODULE_PATH = ["zbmaint.ui.formats"]
USE_TZ = True
TIME_ZONE = "UTC"

# -- work -------------------------------------------------------------------------------------------------------------
# A worker proves that it lives every quarter of a lease; a run whose proof is two leases old is lost.
RUN_LEASE_SECONDS = env.float("RUN_LEASE_SECONDS", 20.0)
# Pause before the second attempt of a failed run, in seconds; it doubles from attempt to attempt.
RUN_RETRY_SECONDS = env.float("RUN_RETRY_SECONDS", 10.0)
# How often the ticker looks for what is due.
TICK_SECONDS = env.float("TICK_SECONDS", 1.0)
# Days that finished runs (with their steps, log and report) and resolved findings are kept.
RUN_RETENTION_DAYS = env.int("RUN_RETENTION_DAYS", 400)
FINDING_RETENTION_DAYS = env.int("FINDING_RETENTION_DAYS", 400)
# Days that the log lines of finished runs are kept: the bulk of a run, and seldom read after a while.
LOG_RETENTION_DAYS = env.int("LOG_RETENTION_DAYS", 90)
# Days that settled occurrences are kept.
OCCURRENCE_RETENTION_DAYS = env.int("OCCURRENCE_RETENTION_DAYS", 400)
# Days that readings of probes are kept: 90 and some to spare, as two hundred probes make half a million rows a day.
READING_RETENTION_DAYS = env.int("READING_RETENTION_DAYS", 100)
# Days that outages are kept after they ended.
OUTAGE_RETENTION_DAYS = env.int("OUTAGE_RETENTION_DAYS", 1100)
# Days that the timeline of a probe, which its readings make, and windows of planned maintenance are kept.
SPAN_RETENTION_DAYS = env.int("SPAN_RETENTION_DAYS", 1100)
WINDOW_RETENTION_DAYS = env.int("WINDOW_RETENTION_DAYS", 1100)
# Days that the days which KPIs are read from, health reports, numbers of applications and weekly reports are kept.
ROLLUP_RETENTION_DAYS = env.int("ROLLUP_RETENTION_DAYS", 1100)
HEALTH_REPORT_RETENTION_DAYS = env.int("HEALTH_REPORT_RETENTION_DAYS", 400)
APP_METRIC_RETENTION_DAYS = env.int("APP_METRIC_RETENTION_DAYS", 100)
WEEKLY_REPORT_RETENTION_DAYS = env.int("WEEKLY_REPORT_RETENTION_DAYS", 3660)
# Who may read /metrics: programs that show this token, and those that ask directly from one of these networks.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
METRICS_ALLOWED: list[str] = env.list("METRICS_ALLOWED", ["127.0.0.1/32", "::1/128"])
# The time zone in which the days of KPIs and reports begin. After a change: `manage.py rollup --rebuild`.
REPORT_TIME_ZONE = env.str("REPORT_TIME_ZONE", "UTC")
# Days that tickets are kept after they were resolved; longer than runs, so that what happens every year is seen again.
TICKET_RETENTION_DAYS = env.int("TICKET_RETENTION_DAYS", 1100)
# Days that what sources deliver is kept as it came (what was made of it belongs to the tickets).
PAYLOAD_RETENTION_DAYS = env.int("PAYLOAD_RETENTION_DAYS", 30)
# Seconds that a worker may take to read one delivery. When its lease has run out, the worker died.
DELIVERY_LEASE_SECONDS = env.float("DELIVERY_LEASE_SECONDS", 90.0)
# Days after which a resolved ticket closes by itself.
TICKET_CLOSE_DAYS = env.int("TICKET_CLOSE_DAYS", 7)
# Days that audit entries are kept. The database refuses to delete any that are younger than 400 days.
AUDIT_RETENTION_DAYS = env.int("AUDIT_RETENTION_DAYS", 1100)
# Days that the queue's own records of what it carried are kept (the runs are the record that people read).
QUEUE_RETENTION_DAYS = env.int("QUEUE_RETENTION_DAYS", 7)

# Days that notices that were sent, given up, cancelled or bundled are kept.
NOTICE_RETENTION_DAYS = env.int("NOTICE_RETENTION_DAYS", 90)
# Seconds that one attempt to deliver a notice may take in all. When its lease has run out, the worker died.
NOTICE_SEND_SECONDS = env.float("NOTICE_SEND_SECONDS", 10.0)
NOTICE_LEASE_SECONDS = 3 * NOTICE_SEND_SECONDS
# Seconds that a worker which has delivered a notice goes on with others that are due. 0: each by its own message.
NOTICE_DRAIN_SECONDS = env.float("NOTICE_DRAIN_SECONDS", 5.0)
# Hours that a notice is tried again before it is given up.
NOTICE_GIVE_UP_HOURS = env.float("NOTICE_GIVE_UP_HOURS", 48.0)
# So many notices of one kind to one person within so many seconds are sent by themselves; more become one. 0: all are.
NOTICE_BUNDLE_OVER = env.int("NOTICE_BUNDLE_OVER", 5)
NOTICE_BUNDLE_SECONDS = env.float("NOTICE_BUNDLE_SECONDS", 120.0)
# Who e-mail comes from. EMAIL_URL, the server that takes it, is read where it is used (transports/email.py).
EMAIL_FROM = env.str("EMAIL_FROM", f"zbmaint@{PUBLIC_HOST}")
# The kinds of chats that may be written to, as Apprise calls them.
NOTICE_CHAT_SCHEMES: list[str] = env.list(
    "NOTICE_CHAT_SCHEMES",
    [
        *("slack", "msteams", "workflows", "mmost", "mmosts", "rocket", "rockets", "matrix", "matrixs", "gchat"),
        *("discord", "tgram", "ntfys", "zulip", "webexteams"),
    ],
)
# Hours that the link in a message, by which a ticket is acknowledged, can be used.
NOTICE_LINK_HOURS = env.float("NOTICE_LINK_HOURS", 12.0)
# What outbound HTTP may call in private networks, by comma: 10.1.0.0/16, 127.0.0.1, alerts.internal. Never link-local.
HTTP_ALLOWED_PRIVATE: list[str] = env.list("HTTP_ALLOWED_PRIVATE", [])

# Looks of a prober that may begin at a time; those that hang are not counted among them, up to four times as many more.
PROBER_THREADS = env.int("PROBER_THREADS", 16)
# What is always there, as host:port by comma: while none of it answers, the prober knows that it has no network itself.
PROBER_ANCHORS: list[str] = env.list("PROBER_ANCHORS", [])

# How often a worker sends a canary through its queue, and how long that may take before the cluster counts as stuck.
CANARY_SECONDS = env.float("CANARY_SECONDS", 15.0)
CANARY_PATIENCE_SECONDS = env.float("CANARY_PATIENCE_SECONDS", 45.0)
# How long what was seen of the product's own parts is believed by the banner on every page; 0: no banner.
STUCK_BANNER_SECONDS = env.float("STUCK_BANNER_SECONDS", 5.0)
# Seconds that a worker which is told to stop waits for its run, before it is killed and its run is lost.
WORKER_GRACE_SECONDS = env.float("WORKER_GRACE_SECONDS", 20.0)

# Runs that one worker of the long queue carries side by side.
LONG_WORKERS = 2

# Seconds after which a message that was fetched and not acknowledged is delivered again. A run is claimed once, so a
# second delivery of a long one does nothing; the reaper is what brings back work of a dead cluster.
QUEUE_RETRY_SECONDS = {"short": 120, "long": 24 * 3600, "runbook": 24 * 3600}

Q_CLUSTER: dict[str, Any] = {
    # The name is the salt of the payloads' signature: rows queued under another name are dropped.
    "name": "zbmaint",
    "orm": "default",
    "cache": "default",
    "time_zone": "UTC",
    "guard_cycle": 0.5,
    "catch_up": False,
    "save_limit": 0,
    "scheduler": False,
    "workers": 2,
    "queue_limit": 2,
    "bulk": 1,
    "poll": 0.1,
    "timeout": 30,
    "retry": QUEUE_RETRY_SECONDS["short"],
    "max_attempts": 5,
    "ack_failures": True,
    "recycle": 500,
    "ALT_CLUSTERS": {
        name: {
            "workers": LONG_WORKERS,
            "queue_limit": 1,
            "bulk": 1,
            # Seconds between the looks of an idle cluster: a run waits half of it, and idling costs the less for it.
            "poll": 0.5,
            "timeout": 6 * 3600,
            "retry": QUEUE_RETRY_SECONDS[name],
            "max_attempts": 1,
            "ack_failures": True,
            "scheduler": False,
            "recycle": 20,
        }
        for name in ("long", "runbook")
    }
    | {
        "short": {
            "workers": 1,
            "queue_limit": 1,
            "poll": 0.5,
            "timeout": 60,
            "retry": QUEUE_RETRY_SECONDS["short"],
        }
    },
}

LOGGING = log_configuration(as_json=not sys.stderr.isatty())
