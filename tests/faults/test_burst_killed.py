"""Tickets opened in a burst, and everything killed at the moment of the last answer: what was acknowledged is there."""

from __future__ import annotations

import http.cookiejar
import os
import re
import shutil
import signal
import threading
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest

from tests.browser.product import PASSWORD, Product
from tests.embedded.observing import command_of, descendants
from tests.waiting import until
from zbmaint.embedded.accounts import temporary_directory

TICKETS, CLIENTS = 300, 8
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
ROW = re.compile(r'<tr id="ticket-(\d+)"')
AFTER = re.compile(r'href="[^"]*\?([^"]*)" rel="next"')
COUNT_OF_ALL = re.compile(r">All <span[^>]*>([\d,]+)<")


class Desk:
    """Somebody who has signed in, with plain HTTP."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), urllib.request.ProxyHandler({})
        )
        self._token = ""

    def get(self, path: str) -> str:
        with self._opener.open(f"{self._url}{path}", timeout=30) as answer:
            page = str(answer.read(), "utf-8")
        if found := TOKEN.search(page):
            self._token = found[1]
        return page

    def post(self, path: str, **data: str) -> str:
        """Send a form; returns the path of the page to which it led."""
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": self._token, **data}).encode()
        request = urllib.request.Request(f"{self._url}{path}", body, {"Referer": f"{self._url}{path}"})
        with self._opener.open(request, timeout=30) as answer:
            return str(urllib.parse.urlsplit(answer.url).path)

    def sign_in(self) -> None:
        self.get("/login/")
        assert self.post("/login/", username="admin", password=PASSWORD) == "/"
        self.get("/tickets/new/")


@pytest.fixture
def product() -> Iterator[Product]:
    folder = temporary_directory("zbmaint-burst-")
    running = Product(folder, {})
    yield running
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


def kill_everything_at_once(product: Product) -> None:
    """`kill -9` of the web server and of PostgreSQL with all its processes."""
    database = [pid for pid in descendants(product.pid) if b"postgres" in command_of(pid)]
    assert database, "no PostgreSQL found"
    for pid in database:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue  # a session that ended by itself
    product.kill_web_server()


def open_in_a_burst(product: Product) -> dict[str, int]:
    """Open tickets with several clients; returns the numbers of those that were acknowledged, by their titles.

    Everything is killed by whoever gets the last answer, before anything else happens.
    """
    acknowledged: dict[str, int] = {}
    lock = threading.Lock()
    desks = [Desk(product.url) for _ in range(CLIENTS)]
    for desk in desks:
        desk.sign_in()

    def open_one(turn: int) -> None:
        title = f"Burst word{turn:03d}x"
        path = desks[turn % CLIENTS].post(
            "/tickets/new/", id=str(uuid.uuid4()), title=title, severity="medium", reporter="Burst"
        )
        found = re.fullmatch(r"/tickets/(\d+)/", path)
        assert found, f"{title} led to {path}"
        with lock:
            acknowledged[title] = int(found[1])
            if len(acknowledged) == TICKETS:
                kill_everything_at_once(product)

    def work(client: int) -> None:
        for turn in range(client, TICKETS, CLIENTS):
            open_one(turn)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(work, range(CLIENTS)))
    return acknowledged


def listed(desk: Desk, **filters: str) -> list[int]:
    """The numbers of all tickets that the pages of the queue show, in their order."""
    found: list[int] = []
    query = urllib.parse.urlencode(filters)
    while True:
        page = desk.get(f"/queue/all/?{query}".rstrip("?"))
        found += map(int, ROW.findall(page))
        following = AFTER.search(page)
        if following is None:
            return found
        query = unescape(following[1])


def test_every_acknowledged_ticket_is_in_list_search_and_counts(product: Product) -> None:
    acknowledged = open_in_a_burst(product)
    assert len(set(acknowledged.values())) == TICKETS, "a number was given twice"
    until(product.is_ready, 90, f"the product to be ready again:\n{product.said()}")
    desk = Desk(product.url)
    desk.sign_in()
    shown = listed(desk)
    assert len(shown) == len(set(shown)), "a ticket is shown twice"
    assert set(acknowledged.values()) <= set(shown)
    count = COUNT_OF_ALL.search(desk.get("/queue/all/"))
    assert count is not None
    assert int(count[1].replace(",", "")) == len(shown)
    assert set(acknowledged.values()) == set(listed(desk, q="Burst")), "a ticket is not found"
    for title, number in list(acknowledged.items())[::30]:
        assert listed(desk, q=title.split()[1]) == [number]
