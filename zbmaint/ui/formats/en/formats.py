"""Dates and times as every page writes them."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = r"j M Y, H:i \U\T\C"
