"""The doors for alerts, as a sender sees them."""

from __future__ import annotations

import json
from io import BytesIO
from threading import Event, Thread
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from incidents.actions import source_tokens, storing
from incidents.models import Delivery, Rejection, Source, SourceToken, Ticket
from tests.incidents.sourcing import body_of, make_source, make_token, messages, of, ticket_of, work
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db
ALERTMANAGER, GENERIC = "/hooks/alertmanager", "/hooks/generic"


@pytest.fixture
def source(db: None) -> Source:
    return make_source()


@pytest.fixture
def token(source: Source) -> str:
    return make_token(source)


def post(token: str, body: Any, path: str = ALERTMANAGER, **more: Any) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"authorization": f"Bearer {token}"} if token else {}
    client = Client(enforce_csrf_checks=True, headers=headers)
    return client.post(path, data, content_type="application/json", **more)


def problem(answer: HttpResponse) -> dict[str, Any]:
    assert answer["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(answer.content)
    assert told["status"] == answer.status_code
    return told


def rejections(source: Source | None) -> dict[str, int]:
    return dict(Rejection.objects.filter(source=source).values_list("reason", "count"))


class TestTaken:
    def test_it_is_stored_as_it_came_and_answered_with_202(self, source: Source, token: str) -> None:
        body = json.dumps(body_of([of("a")])).encode() + b"\n "
        answer = post(token, body)
        delivery = Delivery.objects.get()
        assert (answer.status_code, answer.json()) == (202, {"status": "stored", "delivery": delivery.pk})
        assert (bytes(delivery.body), delivery.state, delivery.source) == (body, "received", source)
        assert (delivery.content_type, delivery.refused) == ("application/json", False)
        assert messages() == [str(delivery.token)]
        assert Ticket.objects.count() == 0
        assert work() == 1
        assert ticket_of(source).title == "DiskFull: shop"

    def test_by_few_statements_and_without_a_session(self, token: str, django_assert_num_queries: Any) -> None:
        post(token, body_of([of("a")]))
        with django_assert_num_queries(1):
            answer = post(token, body_of([of("a")]))
        assert not answer.cookies

    def test_the_token_says_when_it_was_used_last(self, token: str) -> None:
        post(token, body_of([of("a")]))
        assert SourceToken.objects.get().last_used_at is not None

    def test_a_generic_alert(self, db: None) -> None:
        source = make_source("backups", "generic")
        assert post(make_token(source), {"title": "Backup failed"}, GENERIC).status_code == 202
        work()
        assert ticket_of(source).title == "Backup failed"

    def test_both_tokens_are_valid(self, source: Source, token: str) -> None:
        other = make_token(source)
        assert [post(each, body_of([of("a")])).status_code for each in (token, other)] == [202, 202]

    def test_a_body_of_many_megabytes(self, token: str) -> None:
        annotations = {"description": "x" * 5_000_000}
        assert post(token, body_of([of("a", annotations=annotations)])).status_code == 202


class TestRefusedForGood:
    @pytest.mark.parametrize(
        ("body", "says"),
        [
            (b'{"version": "4", "alerts": [{"sta', "cut off"),
            (b"", "empty"),
            (b'{"a": "\xff"}', "not UTF-8"),
            ({"text": "custom"}, "no `version`"),
            ([], "JSON object"),
            ({"version": "4", "groupKey": "x"}, "`alerts` is a list"),
        ],
        ids=["cut off", "empty", "no text", "no version", "a list", "no alerts"],
    )
    def test_400_with_the_reason_and_the_body_kept_for_people(self, token: str, body: Any, says: str) -> None:
        answer = post(token, body)
        told, delivery = problem(answer), Delivery.objects.get()
        assert answer.status_code == 400
        assert says in told["detail"]
        assert (delivery.state, delivery.refused, delivery.error) == ("failed", True, told["detail"])
        assert told["delivery"] == delivery.pk
        assert messages() == []

    def test_a_token_of_another_kind_is_400_and_kept(self, token: str) -> None:
        answer = post(token, {"title": "x"}, GENERIC)
        assert answer.status_code == 400
        assert "delivers to /hooks/alertmanager" in problem(answer)["detail"]
        assert Delivery.objects.get().state == "failed"

    def test_a_body_that_did_not_arrive_as_a_whole_is_400_and_kept(self, token: str) -> None:
        body = json.dumps(body_of([of("a")])).encode()
        cut: dict[str, Any] = {"wsgi.input": BytesIO(body)}
        answer = post(token, body, CONTENT_LENGTH=str(len(body) + 7), **cut)
        assert "7 bytes are missing" in problem(answer)["detail"]
        assert bytes(Delivery.objects.get().body) == body

    def test_413_before_it_is_read(self, source: Source, token: str) -> None:
        much: dict[str, Any] = {"wsgi.input": BytesIO(b"{}")}
        answer = post(token, b"{}", CONTENT_LENGTH=str(16 * 1024 * 1024 + 1), **much)
        assert (answer.status_code, "16 MB" in problem(answer)["detail"]) == (413, True)
        assert rejections(source) == {"too_large": 1}
        assert Delivery.objects.count() == 0

    @pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options"])
    @pytest.mark.parametrize("path", [ALERTMANAGER, GENERIC])
    def test_405_for_all_but_post(self, client: Client, method: str, path: str) -> None:
        answer = getattr(client, method)(path)
        assert (answer.status_code, answer["Allow"]) == (405, "POST")


class TestTurnedAway:
    def test_without_a_token(self, source: Source) -> None:
        answer = post("", body_of([of("a")]))
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        assert problem(answer)["detail"].startswith("No token")
        assert rejections(None) == {"no_token": 1}

    def test_with_a_wrong_one_that_names_its_source(self, source: Source, token: str) -> None:
        for _ in range(2):
            assert post(token[:-4] + "0000", body_of([of("a")])).status_code == 401
        assert rejections(source) == {"wrong_token": 2}

    @pytest.mark.parametrize("wrong", ["x", "zbs_", "zbs_99999_x", "zbs_" + "9" * 30, "zbs_-1_x", "é", "a b"])
    def test_with_one_that_names_none(self, source: Source, wrong: str) -> None:
        assert post(wrong, body_of([of("a")])).status_code == 401
        assert rejections(None) == {"wrong_token": 1}

    def test_with_a_revoked_one(self, source: Source, token: str, people: dict[str, Person]) -> None:
        source_tokens.revoke(SourceToken.objects.get(), actor=people["admin"])
        assert post(token, body_of([of("a")])).status_code == 401
        assert rejections(source) == {"revoked_token": 1}

    def test_nothing_is_kept_and_no_token_is_logged(
        self, token: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        wrong = token[:-4] + "0000"
        answer = post(wrong, body_of([of("a")]))
        post(token, body_of([of("a")]))
        out = capsys.readouterr()
        for secret in (token, wrong):
            assert secret not in out.out + out.err + caplog.text + answer.content.decode()
        assert Delivery.objects.count() == 1

    def test_of_a_token_only_a_hash_is_kept(self, token: str) -> None:
        row = SourceToken.objects.get()
        assert len(bytes(row.hash)) == 32
        kept = [str(getattr(row, field.attname)) for field in row._meta.concrete_fields]
        assert not any(token[6:-4] in value for value in kept)
        assert row.ending == token[-4:]


class TestNotNow:
    @pytest.mark.parametrize("place", ["_stored", "_note_use"])
    def test_503_while_the_database_is_away(self, token: str, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(*_: Any) -> None:
            raise OperationalError("the connection is lost")

        monkeypatch.setattr(storing, place, away)
        answer = post(token, body_of([of("a")]))
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert "lost" not in problem(answer)["detail"]


@pytest.mark.django_db(transaction=True)
def test_503_in_time_while_a_table_is_locked(installed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sender is told while it listens; afterwards the same delivery is taken."""
    monkeypatch.setattr(storing, "PATIENCE", "SET LOCAL statement_timeout = '100ms';")
    token = make_token(make_source())
    held, done = Event(), Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE incidents_delivery IN ACCESS EXCLUSIVE MODE")
            held.set()
            done.wait(30)
        connection.close()

    holder = Thread(target=hold)
    holder.start()
    try:
        assert held.wait(30)
        assert post(token, body_of([of("a")])).status_code == 503
    finally:
        done.set()
        holder.join()
    assert post(token, body_of([of("a")])).status_code == 202
    assert Delivery.objects.get().received_at <= timezone.now()


@pytest.mark.django_db(transaction=True)
def test_what_a_session_has_prepared_and_lost_costs_one_503(installed: None) -> None:
    """Such as behind a pooler, or after a migration."""
    token = make_token(make_source())
    assert post(token, body_of([of("a")])).status_code == 202
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert [post(token, body_of([of("a")])).status_code for _ in range(2)] == [503, 202]
    assert Delivery.objects.count() == 2
