"""The three support tiers as the product ships them; all of it is data that people edit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FIRST: Final = 1
LAST: Final = 3
NUMBERS: Final = (1, 2, 3)
OPEN_CAP: Final = 10


@dataclass(frozen=True)
class ShippedTier:
    """A tier as shipped. `minutes` to the first response by severity."""

    number: int
    name: str
    responsibilities: tuple[str, ...]
    criteria: tuple[str, ...]
    minutes: Mapping[str, int]


TIERS: Final = {
    1: ShippedTier(
        1,
        "First line support",
        (
            "Initial incident triage",
            "Basic troubleshooting",
            "User account issues",
            "Password resets",
            "General inquiries",
        ),
        (
            "Technical issues beyond basic scope",
            "Security incidents",
            "System outages",
            "Data integrity issues",
        ),
        {"critical": 15, "high": 60, "medium": 4 * 60, "low": 24 * 60},
    ),
    2: ShippedTier(
        2,
        "Technical support",
        (
            "Advanced troubleshooting",
            "Application-specific issues",
            "Performance problems",
            "Integration issues",
            "Bug investigation",
        ),
        (
            "Infrastructure issues",
            "Database problems",
            "Security vulnerabilities",
            "Architecture changes needed",
        ),
        {"critical": 30, "high": 2 * 60, "medium": 8 * 60, "low": 48 * 60},
    ),
    3: ShippedTier(
        3,
        "Engineering support",
        (
            "Complex technical issues",
            "Code-level debugging",
            "Infrastructure problems",
            "Security incidents",
            "Architecture decisions",
        ),
        (
            "Vendor escalation needed",
            "Major system changes",
            "Business impact assessment",
        ),
        {"critical": 60, "high": 4 * 60, "medium": 24 * 60, "low": 72 * 60},
    ),
}

CATEGORIES: Final = (
    ("user_account", "User account"),
    ("password_reset", "Password reset"),
    ("general_inquiry", "General inquiry"),
    ("application", "Application"),
    ("performance", "Performance"),
    ("integration", "Integration"),
    ("bug", "Bug"),
    ("infrastructure", "Infrastructure"),
    ("database", "Database"),
    ("security", "Security"),
    ("architecture", "Architecture"),
    ("other", "Other"),
)
