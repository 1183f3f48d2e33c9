"""Benchmarks with their own data generators: `python -m bench.<name>`. They run under the product's settings."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zbmaint.settings")
django.setup()
