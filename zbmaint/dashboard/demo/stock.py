"""The stock of tickets to draw from, and what people say on any of them."""

from __future__ import annotations

import random
from itertools import accumulate
from typing import Final

from zbmaint.dashboard.demo import stock_people, stock_platform, stock_systems
from zbmaint.dashboard.demo.template import Filled, Template, fill

TEMPLATES: Final = (*stock_people.TEMPLATES, *stock_platform.TEMPLATES, *stock_systems.TEMPLATES)
_WEIGHTS: Final = tuple(accumulate(template.weight for template in TEMPLATES))
# Of those that can come to a tier at all, the ones that often do.
_OF_TIER: Final = {
    number: tuple(template for template in TEMPLATES if template.depth[number - 1] >= 30) for number in (1, 2, 3)
}
REPORTERS: Final = (
    *("Reception, Harare", "Accounting", "Sales, Bulawayo", "Human resources", "Night shift, data centre"),
    *("Tariro M., Savanna Retail", "Blessing K., Mopane Bank", "J. van Wyk, Limpopo Motors", "Help line, call 14:20"),
    *("Ruth A., Zambezi Tours", "status@kariba-health.example", "ops@chobe.example", "Memory T., Delta Textiles"),
)
COMMENTS: Final = (
    "Called back, nobody picks up. Trying again after lunch.",
    "Reproduced on the test system.",
    "Seen with one more customer, linked in the chat.",
    "Asked the reporter for the exact time and a screenshot.",
    "Logs of the last hour are in the chat channel:\n\n- nothing unusual on the edge\n- errors on one node only",
    "Next step: look at it together with the colleagues of the late shift.",
    "They confirm that it is better, and watch it until tomorrow.",
)
UNRULED: Final = ("infrastructure", "security", "performance", "integration")  # no rule of tier 1 is for these
ESCALATIONS: Final = {
    1: ("Steps of the handbook did not help, and it is not the account.", "More than one customer is concerned."),
    2: ("It is below the application: needs somebody with access to the servers.", "The cause is in the code."),
}
HAND_BACKS: Final = ("The cause is the set-up of the account, see comment.", "Works as designed, needs an explanation.")
WAITS: Final = (
    "Waiting for the reporter",
    "Waiting for the customer's administrator",
    "Waiting for the change tonight",
)
REOPENED: Final = ("It is back since this morning.", "The reporter says that it happens again, twice today.")
VENDORS: Final = (
    ("Example Cloud", "CASE-{n}", "support@cloud.example, priority line 4"),
    ("Example Storage Ltd", "SR {n}", "Ms Hove, +263 4 555 0142"),
    ("Example CA", "", "validation@ca.example"),
)
VENDOR_REASONS: Final = ("Their side drops connections, with packet captures.", "Only they can change it.")


def draw(chance: random.Random) -> Filled:
    """Any ticket, the common ones more often."""
    return fill(chance.choices(TEMPLATES, cum_weights=_WEIGHTS)[0], chance)


def draw_for(tier: int, chance: random.Random, *, unclaimed: bool = False) -> Filled:
    """One that often comes to `tier`; `unclaimed`: one that no rule gives to somebody."""
    templates = _OF_TIER[tier]
    if unclaimed:
        templates = tuple(each for each in templates if each.category in UNRULED)
    weights = [each.weight * each.depth[tier - 1] for each in templates]
    return fill(chance.choices(templates, weights)[0], chance)


def severity_of(template: Template, chance: random.Random) -> str:
    """How bad one is."""
    return chance.choices(("critical", "high", "medium", "low"), template.severities)[0]
