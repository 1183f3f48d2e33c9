"""URLs of notices."""

from django.urls import path

from zbmaint.notifications.views import notices

urlpatterns = [
    path("notifications/", notices.notices, name="notices"),
    path("notifications/resend/", notices.resend_dead, name="notices_resend"),
    path("notifications/<uuid:notice_id>/resend/", notices.resend, name="notice_resend"),
    path("notifications/<uuid:notice_id>/cancel/", notices.cancel, name="notice_cancel"),
]
