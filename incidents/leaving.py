"""What the people's floor does when somebody leaves."""

from __future__ import annotations

from incidents.actions import assignment, tiers
from zbmaint.access import leaving

leaving.register(assignment.person_left)
leaving.register(tiers.person_left)
