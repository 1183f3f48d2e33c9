"""URLs of the roof: overview and health endpoints."""

from django.urls import path

from zbmaint.dashboard.views import health, metrics, overview

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("metrics", metrics.metrics, name="metrics"),
    path("healthz/live", health.live, name="healthz-live"),
    path("healthz/ready", health.ready, name="healthz-ready"),
]
