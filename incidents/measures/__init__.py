"""Figures of tickets: days put together from stints, and who did what."""
