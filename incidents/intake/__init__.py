"""What sources tell us, in one form. Nothing here knows Django."""

from incidents.intake.alert import Alert, Reference

__all__ = ["Alert", "Reference"]
