"""App configurations of the project package itself."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.module_loading import autodiscover_modules


class ProductConfig(AppConfig):
    """The project as an app, so that its commands and system checks are found."""

    name = "zbmaint"
    label = "zbmaint"

    def ready(self) -> None:
        """Let every app register its periodic work, system checks and banners, in files of these names."""
        autodiscover_modules("periodic", "checks", "banners", "leaving", "navigation", "search", "wanted")


class OperationsAdminConfig(AdminConfig):
    """Django admin with our site class: our sign-in, our permissions, our words."""

    default_site = "zbmaint.access.site.OperationsAdminSite"
