"""URLs of people."""

from django.urls import path

from zbmaint.access.views import profile, sign_in

urlpatterns = [
    path("login/", sign_in.sign_in, name="login"),
    path("logout/", sign_in.sign_out, name="logout"),
    path("profile/", profile.profile, name="profile"),
    path("profile/preferences/", profile.preferences, name="preferences"),
    path("profile/password/", profile.password, name="password"),
]
