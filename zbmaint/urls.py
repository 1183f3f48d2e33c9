"""All URLs. Each app brings its own; health endpoints and the overview come from the roof."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("zbmaint.dashboard.urls")),
    path("", include("zbmaint.access.urls")),
    path("", include("zbmaint.notifications.urls")),
    path("", include("incidents.urls")),
    path("", include("maintenance.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "zbmaint.access.views.errors.bad_request"
handler403 = "zbmaint.access.views.errors.forbidden"
handler404 = "zbmaint.access.views.errors.not_found"
handler500 = "zbmaint.access.views.errors.server_error"
