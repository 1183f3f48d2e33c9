"""Delivery by e-mail to a real server: what arrives, what is tried again, what is given up."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from django.template import TemplateSyntaxError
from django.utils import timezone

from tests.mailbox import Mailbox
from tests.notifications.posting import make_due, work, write_to
from zbmaint.access.models import Person
from zbmaint.notifications import links
from zbmaint.notifications.models import Notice
from zbmaint.notifications.sweep import sweep
from zbmaint.notifications.transports import email

pytestmark = pytest.mark.django_db
People = dict[str, Person]


def sent(notice: Notice) -> Notice:
    """The notice after the queue was worked off once."""
    work()
    return Notice.objects.get(pk=notice.pk)


def test_it_sends_text_and_html_under_the_id_of_the_notice(mail: Mailbox, people: People, settings: Any) -> None:
    settings.PUBLIC_URL = "https://desk.example.org"
    payload = {"text": "It is <down>.", "body": "Grüße\n.\n..", "facts": [["Severity", "high"]], "url": "/tickets/12/"}
    notice = sent(write_to(people["tier1"], payload=payload, subject="New high incident: Grüße\r\nBcc: x@y.z")[0])
    assert (notice.state, notice.answer) == ("sent", "The mail server has taken it.")
    message = mail.messages[0]
    assert message["Subject"] == "New high incident: Grüße Bcc: x@y.z"
    assert message["Bcc"] is None
    assert message["To"] == "Tier1 <tier1@example.org>"
    assert message["X-Zbmaint-Delivery"] == str(notice.pk)
    assert message["Message-ID"].startswith(f"<{notice.pk}@")
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = mail.text().replace("\r\n", "\n"), mail.html()
    for part in ("It is <down>.", "Severity: high", "Grüße\n.\n..", "https://desk.example.org/tickets/12/"):
        assert part in text
    assert "It is &lt;down&gt;." in html
    assert '<a href="https://desk.example.org/tickets/12/">' in html


def test_a_group_has_its_address_in_the_notice(mail: Mailbox) -> None:
    assert sent(write_to("ops@example.org")[0]).state == "sent"
    assert mail.recipients == ["ops@example.org"]


def test_an_address_refused_for_good_is_dead_at_once_with_what_the_server_said(mail: Mailbox, people: People) -> None:
    mail.refuses["RCPT"] = ["550 5.1.1 no such user"]
    notice = sent(write_to(people["tier1"])[0])
    assert (notice.state, notice.attempts, notice.last_status) == ("dead", 1, 550)
    assert notice.last_error == "550 5.1.1 no such user"


@pytest.mark.parametrize(
    ("verb", "reply", "says"),
    [
        ("RCPT", "450 mailbox busy", "450 mailbox busy"),
        ("MAIL", "550 who are you", "550 who are you"),
        (".", "451 try later", "451 try later"),
        ("MAIL", "hang up", "The mail server ended the connection."),
        ("EHLO", "421 too busy", ""),
    ],
)
def test_what_may_pass_is_tried_again_and_arrives_once(
    mail: Mailbox, people: People, verb: str, reply: str, says: str
) -> None:
    mail.refuses[verb] = [reply]
    mail.refuses["HELO"] = ["421 too busy"] if verb == "EHLO" else []
    notice = sent(write_to(people["tier1"])[0])
    assert (notice.state, notice.attempts) == ("failed", 1)
    assert says in notice.last_error
    assert notice.last_error
    make_due(notice)
    assert sweep(timezone.now()) == 1
    assert (sent(notice).state, len(mail.messages)) == ("sent", 1)


def test_a_message_refused_as_a_whole_is_not_tried_again(mail: Mailbox, people: People) -> None:
    mail.refuses["."] = ["554 spam"]
    assert sent(write_to(people["tier1"])[0]).state == "dead"


def test_a_server_that_is_away_is_tried_again(environment: pytest.MonkeyPatch, people: People) -> None:
    environment.setenv("EMAIL_URL", "smtp://user:hunter2@127.0.0.1:1")
    notice = sent(write_to(people["tier1"])[0])
    assert (notice.state, notice.last_error) == ("failed", "The mail server cannot be reached: Connection refused.")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (None, "E-mail is not set up: EMAIL_URL is not set."),
        ("mail.example.org/hunter2", "EMAIL_URL is malformed"),
        ("smtp://h:hunter2port", "EMAIL_URL is malformed"),
        ("http://mail.example.org", "EMAIL_URL is malformed"),
    ],
)
def test_without_a_server_it_waits_and_says_why(
    environment: pytest.MonkeyPatch, people: People, url: str | None, says: str
) -> None:
    environment.delenv("EMAIL_URL", raising=False)
    if url is not None:
        environment.setenv("EMAIL_URL", url)
    notice = sent(write_to(people["tier1"])[0])
    assert notice.state == "failed"
    assert says in notice.last_error
    assert says in email.lacks()
    assert "hunter2" not in notice.last_error


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://h", ("h", 25, "", "", False, False)),
        ("submission://u%40x:p%2F@h", ("h", 587, "u@x", "p/", True, False)),
        ("smtps://u:p@h:4465", ("h", 4465, "u", "p", False, True)),
    ],
)
def test_the_server_is_read_from_its_url(
    environment: pytest.MonkeyPatch, url: str, expected: tuple[str, int, str, str, bool, bool]
) -> None:
    environment.setenv("EMAIL_URL", url)
    found = email.server()
    assert tuple(found[key] for key in ("host", "port", "username", "password", "use_tls", "use_ssl")) == expected


def test_nobody_is_written_to_who_has_left_or_has_no_address(mail: Mailbox, people: People) -> None:
    gone, silent = people["tier1"], people["tier2"]
    notices = write_to(gone, silent)
    Person.objects.filter(pk=gone.pk).update(retired_at=timezone.now())
    Person.objects.filter(pk=silent.pk).update(email="")
    work()
    said = {notice.person: (notice.state, notice.last_error) for notice in Notice.objects.all()}
    assert said[gone] == ("dead", "tier1 has left.")
    assert said[silent] == ("dead", "tier2 has no e-mail address.")
    assert (len(notices), mail.messages) == (2, [])


def test_a_template_that_fails_costs_the_html_and_is_shown(
    mail: Mailbox, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise TemplateSyntaxError("hunter2")

    monkeypatch.setattr("zbmaint.notifications.transports.letter.render_to_string", broken)
    notice = sent(write_to(people["tier1"])[0])
    assert (notice.state, mail.html()) == ("sent", "")
    assert "It is down." in mail.text()
    assert notice.last_error == "Sent as plain text: the HTML could not be written (TemplateSyntaxError)."


def test_the_password_is_in_no_row_and_no_log(
    mail: Mailbox, people: People, environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    environment.setenv("EMAIL_URL", f"smtp://user:hunter2@127.0.0.1:{mail.port}")
    notice = sent(write_to(people["tier1"])[0])  # the server knows no AUTH
    assert notice.state == "failed"
    assert "hunter2" not in str(list(Notice.objects.values())) + caplog.text


def test_a_link_to_act_at_once_is_signed_when_it_is_written_and_stored_nowhere(mail: Mailbox, people: People) -> None:
    link = {"path": "/tickets/acknowledge/", "says": {"person": 7}, "text": "Acknowledge it"}
    notice = sent(write_to(people["tier1"], payload={"text": "Down.", "link": link})[0])
    found = re.search(r"/tickets/acknowledge/(\S+)/", mail.text())
    assert found is not None
    assert links.read(found[1]) == {"person": 7}
    assert found[1] not in str(notice.payload)
    with pytest.raises(links.Forged):
        links.read(found[1][:-2])
