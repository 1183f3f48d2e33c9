"""Carries out runs: claims, keeps the lease, gives tasks their context, ends with a true state."""

from maintenance.runner.execute import execute

__all__ = ["execute"]
