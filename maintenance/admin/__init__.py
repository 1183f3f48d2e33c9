"""Django admin of the machines' floor. Runs and findings are not here: they have pages, and nobody edits them."""

from maintenance.admin.targets import TargetAdmin

__all__ = ["TargetAdmin"]
