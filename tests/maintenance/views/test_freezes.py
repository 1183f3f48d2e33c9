"""Freezing maintenance: the form, the banner on every page, lifting."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from maintenance.actions import freezes
from maintenance.models import Category, Freeze, Schedule, Target
from tests.maintenance.calendar import instant
from tests.maintenance.views.telling import told
from zbmaint.access.models import Person

SignIn = Callable[[str], Client]
People = dict[str, Person]
PAGE = "/schedule/"
TOMORROW = instant("2026-04-09 02:00")


class TestFreeze:
    NEW = "/schedule/freezes/new/"
    GIVEN = {"scope": "everything", "begins_at": "", "ends_at": "2026-04-09T06:00", "reason": "Release 2026.4"}

    def test_everything_is_frozen_from_now_on(self, lead: Client, people: People) -> None:
        page = told(lead, self.NEW, {**self.GIVEN})
        assert "Frozen from 8 Apr 2026, 01:00 UTC until 9 Apr 2026, 06:00 UTC." in page
        freeze = Freeze.objects.get()
        assert (freeze.everything, freeze.made_by) == (True, people["lead"])
        assert "Freezes Release 2026.4 Holds until 9 Apr 2026, 06:00 UTC By lead: everything" in page

    def test_chosen_targets_and_kinds_are_frozen(self, lead: Client, own_target: Target) -> None:
        adaptive = Category.objects.get(key="adaptive")
        page = told(
            lead,
            self.NEW,
            {
                **self.GIVEN,
                "scope": "chosen",
                "targets": [own_target.pk],
                "categories": [adaptive.pk],
                "begins_at": "2026-04-09T00:00",
            },
        )
        freeze = Freeze.objects.get()
        assert not freeze.everything
        assert [*freeze.targets.all(), *freeze.categories.all()] == [own_target, adaptive]
        assert "9 Apr 2026, 00:00 UTC to 9 Apr 2026, 06:00 UTC By lead: zbmaint's own database, adaptive" in page

    def test_what_is_ticked_does_not_narrow_a_freeze_of_everything(self, lead: Client, own_target: Target) -> None:
        told(lead, self.NEW, {**self.GIVEN, "targets": [own_target.pk]})
        assert Freeze.objects.get().everything

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"scope": "chosen"}, "Choose a target or a kind of maintenance below, or freeze everything."),
            ({"reason": " "}, "Say why: it stands on every page while the freeze holds."),
            ({"ends_at": ""}, "Say until when: a freeze without an end is forgotten."),
            ({"ends_at": "2026-04-07T06:00"}, "It must end after it begins."),
            ({"begins_at": "2026-04-10T00:00"}, "It must end after it begins."),
            ({"begins_at": "2026-04-01T00:00", "ends_at": "2026-04-02T00:00"}, "Its end has passed already."),
            ({"ends_at": "tomorrow"}, "Enter a valid date/time."),
        ],
    )
    def test_a_wrong_freeze_is_refused_in_words(self, lead: Client, wrong: dict[str, str], says: str) -> None:
        assert says in told(lead, self.NEW, {**self.GIVEN, **wrong}, 422)
        assert not Freeze.objects.exists()

    def test_it_is_lifted_once(self, lead: Client, people: People) -> None:
        freeze = freezes.begin(actor=people["lead"], reason="Release", begins_at=timezone.now(), ends_at=TOMORROW)
        path = f"/schedule/freezes/{freeze.pk}/lift/"
        assert "“Release” ends now instead of 9 Apr 2026, 02:00 UTC." in lead.get(path).content.decode()
        assert "The freeze is lifted." in told(lead, path)
        freeze.refresh_from_db()
        assert freeze.lifted_by == people["lead"]
        assert "It has ended already." in told(lead, path, status=409)

    @pytest.mark.parametrize(
        "path", ["/", "/runs/", "/runs/new/", PAGE, "/profile/", "/schedule/nightly/pause/", "/admin/", "/nowhere/"]
    )
    def test_while_it_holds_a_banner_stands_on_every_page(
        self, nightly: Schedule, client_as: SignIn, people: People, path: str
    ) -> None:
        until = instant("2026-04-09 06:00")
        freezes.begin(actor=people["tier3"], reason="Release <b>4</b>", begins_at=timezone.now(), ends_at=until)
        html = client_as("admin").get(path).content.decode()
        banner = html.split('id="frozen-')[1].split("</div>")[0]
        text = " ".join(re.sub(r"<[^>]+>", " ", banner).split())
        assert "Frozen until 9 Apr 2026, 06:00 UTC" in text
        assert "Release &lt;b&gt;4&lt;/b&gt;, says tier3." in text
        assert "Scope: everything" in text
        assert "/lift/" in banner

    def test_who_may_not_lift_sees_it_without_the_button(
        self, nightly: Schedule, client_as: SignIn, people: People
    ) -> None:
        freezes.begin(actor=people["tier3"], reason="Release", begins_at=timezone.now(), ends_at=TOMORROW)
        html = client_as("viewer").get("/").content.decode()
        assert "Frozen until" in html
        assert "/lift/" not in html

    def test_one_to_come_and_one_that_is_over_are_no_banner(
        self, lead: Client, people: People, clock: time_machine.Traveller
    ) -> None:
        freezes.begin(actor=people["lead"], reason="Later", begins_at=TOMORROW, ends_at=instant("2026-04-10 00:00"))
        assert "frozen-" not in lead.get("/").content.decode()
        clock.move_to(TOMORROW)
        assert "frozen-" in lead.get("/").content.decode()
        clock.move_to(instant("2026-04-10 00:00"))
        assert "frozen-" not in lead.get("/").content.decode()
