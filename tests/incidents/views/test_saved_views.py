"""Saved views: kept under a name, counted in the navigation, told when they show nothing any more, forgotten."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from incidents.actions import saved_views
from incidents.models import SavedView, Tag
from tests.incidents.queueing import queued
from tests.incidents.views.conftest import SignIn
from tests.incidents.views.reading import HTMX, words
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db
People = dict[str, Person]


def navigation(client: Client, here: str = "/") -> str:
    """The fragment that a page at `here` asks for."""
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{here}"}
    answer = client.get("/queue/views/", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def save(client: Client, status: int = 200, **given: str) -> str:
    """What one reads after sending the form."""
    answer = client.post("/queue/views/new/", {"tab": "1", **given}, follow=True)
    text = words(answer.content.decode())
    assert answer.status_code == status, text
    return text


class TestSaving:
    def test_what_is_shown_is_kept_under_a_name_and_shown(self, one: Client, desk: People) -> None:
        text = save(one, name="  My  mail ", query="severity=high&assignee=me")
        assert "The view “My mail” stands in your navigation." in text
        assert "Tier 1 queue" in text
        view = SavedView.objects.get()
        assert (view.person, view.name, view.tab, view.query) == (
            desk["tier1"],
            "My mail",
            "1",
            "severity=high&assignee=me",
        )

    def test_the_menu_of_the_queue_saves_what_it_shows(self, one: Client) -> None:
        page = one.get("/queue/all/?status=any&q=mail+%26+more").content.decode()
        link = re.search(r'hx-get="(/queue/views/new/[^"]+)"', page)
        assert link is not None
        dialog = one.get(link[1].replace("&amp;", "&"), headers=HTMX).content.decode()
        assert 'name="query" value="q=mail+%26+more&amp;status=any"' in dialog
        assert 'name="tab" value="all"' in dialog

    def test_the_menu_follows_the_filters(self, one: Client) -> None:
        fragment = one.get("/queue/1/?severity=low", headers=HTMX).content.decode()
        assert '<details class="menu" id="queue-views" hx-swap-oob="true">' in fragment
        assert "tab=1&amp;query=severity%3Dlow" in fragment

    def test_one_of_the_same_name_is_replaced_only_knowingly(self, one: Client) -> None:
        save(one, name="Mine", query="assignee=me")
        text = save(one, 422, name="mine ".title(), query="severity=low")
        assert "You have a view “Mine”." in text
        assert "Replace the view of this name" in text
        assert SavedView.objects.get().query == "assignee=me"
        save(one, name="Mine", query="severity=low", replace="on")
        assert SavedView.objects.get().query == "severity=low"

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({"name": ""}, "Give it a name."),
            ({"name": "x" * 61}, "60 characters"),
            ({"name": "a\x00b"}, "Null characters are not allowed."),
            ({"name": "Mine", "tab": "nowhere"}, "Open the queue again"),
            ({"name": "Mine", "query": "tag=no-such-tag"}, "There is no tag “no-such-tag”."),
            ({"name": "Mine", "query": "sort=password"}, "There is no filter “sort”."),
        ],
    )
    def test_what_shows_nothing_is_not_kept(self, one: Client, given: dict[str, str], says: str) -> None:
        assert says in save(one, 422, **given)
        assert not SavedView.objects.exists()

    def test_not_more_than_anybody_reads(self, one: Client, desk: People) -> None:
        for number in range(saved_views.MOST):
            saved_views.save(desk["tier1"], f"View {number}", tab="1", query="")
        assert "You have 20 views. Remove one first." in save(one, 409, name="One more")


class TestInTheNavigation:
    def test_each_has_its_name_at_once_and_its_count_afterwards(self, one: Client, desk: People) -> None:
        queued("Mail", tags=("mail",))
        queued("Mail too", tags=("mail",))
        queued("Other")
        saved_views.save(desk["tier1"], "Mail trouble", tab="1", query="tag=mail")
        saved_views.save(desk["tier2"], "Not mine", tab="2", query="")
        page = one.get("/profile/").content.decode()
        assert 'id="saved-views" data-live hx-get="/queue/views/" hx-trigger="load, every 60s"' in page
        assert "Mail trouble" in page
        assert "Not mine" not in page
        text = navigation(one)
        assert "Mail trouble 2" in words(text)
        assert "load" not in text
        assert "Not mine" not in text

    def test_the_one_that_is_shown_is_marked(self, one: Client, desk: People) -> None:
        view = saved_views.save(desk["tier1"], "Mine", tab="all", query="assignee=me")
        for page in (one.get("/queue/all/?assignee=me").content.decode(), navigation(one, "/queue/all/?assignee=me")):
            assert f'id="view-{view.pk}" href="/queue/all/?assignee=me" aria-current="page"' in page
        assert "aria-current" not in navigation(one, "/queue/all/")

    def test_one_whose_tag_is_gone_says_so_and_stays(self, one: Client, desk: People) -> None:
        queued("Mail", tags=("mail",))
        saved_views.save(desk["tier1"], "Mail trouble", tab="1", query="tag=mail")
        Tag.objects.all().delete()
        text = navigation(one)
        assert 'title="There is no tag “mail”.' in text
        assert "Mail trouble – shows nothing any more" in words(text)
        answer = one.get("/queue/1/?tag=mail")
        assert answer.status_code == 422
        assert "There is no tag “mail”." in words(answer.content.decode())
        assert "Remove “Mail trouble”" in words(answer.content.decode())

    def test_whoever_has_none_sees_none(self, one: Client) -> None:
        assert "saved-views" not in one.get("/profile/").content.decode()

    def test_one_query_on_a_page_and_one_for_each_count(
        self, one: Client, desk: People, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(5):
            saved_views.save(desk["tier1"], f"View {number}", tab="1", query="severity=high")
        navigation(one)
        with django_assert_num_queries(2 + 1 + 5):  # session, person; the views; their counts
            navigation(one)

    def test_the_set_up_is_read_once_for_all_that_need_it(
        self, one: Client, desk: People, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        queued("Mail", tags=("mail",))
        for number in range(5):
            saved_views.save(desk["tier1"], f"View {number}", tab="1", query="tag=mail")
        navigation(one)
        with django_assert_num_queries(2 + 1 + 1 + 5):  # session, person; the views; the set-up; their counts
            navigation(one)


class TestRemoving:
    def test_it_is_asked_and_then_forgotten(self, one: Client, desk: People) -> None:
        view = saved_views.save(desk["tier1"], "Mine", tab="all", query="assignee=me")
        assert "Remove the view “Mine”" in words(one.get(f"/queue/views/{view.pk}/remove/").content.decode())
        assert SavedView.objects.exists()
        answer = one.post(f"/queue/views/{view.pk}/remove/", follow=True)
        assert "The view “Mine” is removed." in words(answer.content.decode())
        assert answer.request["PATH_INFO"] == "/queue/all/"
        assert not SavedView.objects.exists()

    def test_nobody_elses(self, client_as: SignIn, desk: People) -> None:
        view = saved_views.save(desk["tier1"], "Mine", tab="all", query="")
        assert client_as("admin").post(f"/queue/views/{view.pk}/remove/").status_code == 404
        assert SavedView.objects.exists()
