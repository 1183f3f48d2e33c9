from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from incidents.models import Source, SourceToken
from tests.incidents.sourcing import body_of, of

pytestmark = pytest.mark.django_db


def source(*arguments: str) -> tuple[str, str]:
    """What the command says on stdout and stderr."""
    out, err = StringIO(), StringIO()
    call_command("source", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_makes_a_source_and_prints_its_token_alone() -> None:
    out, err = source("monitoring", "--kind", "alertmanager")
    assert out.count("\n") == 1
    assert out.startswith("zbs_")
    assert out.strip() not in err
    body = json.dumps(body_of([of("a")]))
    headers = {"authorization": f"Bearer {out.strip()}"}
    answer = Client(headers=headers).post("/hooks/alertmanager", body, content_type="application/json")
    assert answer.status_code == 202
    assert (Source.objects.get().slug, Source.objects.get().kind) == ("monitoring", "alertmanager")


def test_it_gives_it_a_second_token_and_no_third() -> None:
    first, second = source("Monitoring EU", "--kind", "generic")[0], source("monitoring-eu", "--kind", "generic")[0]
    assert first != second
    with pytest.raises(CommandError, match="has two tokens") as refused:
        source("Monitoring EU", "--kind", "generic")
    assert refused.value.returncode == 2
    assert SourceToken.objects.count() == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("monitoring", "--kind", "generic"), "of the kind alertmanager, not generic"),
        (("maintenance", "--kind", "generic"), "of its own"),
        (("???", "--kind", "generic"), "a letter"),
        (("x" * 100, "--kind", "generic"), "at most 80 characters"),
        (("new", "--kind", "pagerduty"), "invalid choice"),
        (("x",), "--kind"),
    ],
)
def test_what_it_refuses_it_says_in_words_and_makes_nothing(arguments: tuple[str, ...], says: str) -> None:
    source("monitoring", "--kind", "alertmanager")
    with pytest.raises(CommandError, match=says) as refused:
        source(*arguments)
    assert refused.value.returncode in (1, 2)
    assert (Source.objects.count(), SourceToken.objects.count()) == (1, 1)
