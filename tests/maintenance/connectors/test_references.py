"""Where a connection URL stands, and what is said when it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from maintenance.connectors.postgres import describe
from maintenance.connectors.problems import ConnectionProblem
from maintenance.connectors.references import own_parameters, resolve

URL = "postgresql://alice:s3cret%2Fword@db.example.org:6432/shop"


def test_a_variable_holds_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_URL", URL)
    assert resolve("env:SHOP_URL") == {
        "user": "alice",
        "password": "s3cret/word",
        "host": "db.example.org",
        "port": "6432",
        "dbname": "shop",
        "sslmode": "verify-full",
    }


def test_a_file_holds_the_url_and_a_newline(tmp_path: Path) -> None:
    path = tmp_path / "shop url"
    path.write_text(f"{URL}?sslmode=require\n")
    assert resolve(f"file:{path}")["sslmode"] == "require"


def test_own_is_the_products_database() -> None:
    found = resolve("own")
    assert found["dbname"] == settings.DATABASES["default"]["NAME"]
    assert "options" not in found, "what steers our web sessions is not for maintenance"


def test_of_djangos_options_only_libpqs_are_taken() -> None:
    database = {"NAME": "shop", "PORT": 5433, "OPTIONS": {"pool": True, "sslmode": "require", "options": "-c x=1"}}
    assert own_parameters(database) == {"dbname": "shop", "port": "5433", "sslmode": "require"}


@pytest.mark.parametrize(
    ("host", "mode"),
    [
        ("db.example.org", "verify-full"),
        ("10.0.0.7", "verify-full"),
        ("127.0.0.1,db.example.org", "verify-full"),
        ("localhost", None),
        ("127.0.0.1", None),
        ("[::1]", None),
        ("%2Fvar%2Frun%2Fpostgresql", None),
    ],
)
def test_tls_is_verified_unless_the_server_is_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, host: str, mode: str | None
) -> None:
    monkeypatch.setenv("SHOP_URL", f"postgresql://alice@{host}/shop")
    assert resolve("env:SHOP_URL").get("sslmode") == mode


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (
            "",
            "The environment variable SHOP_URL is not set here. Set it for workers, probers and web server to postgresql://",
        ),
        ("mysql://alice:s3cret@db/shop", "does not hold a connection URL"),
        ("host=db password=s3cret", "does not hold a connection URL"),
        ("postgresql://alice:s3cret@db:port/shop", "holds a malformed URL"),
        ("postgresql://alice:s3cret%zz@db/shop", "holds a malformed URL"),
        ("postgresql://alice:s3cret@db/shop?colour=s3cret", "holds a malformed URL"),
        ("postgresql://alice:s3cret@db", "names no database"),
    ],
)
def test_a_bad_value_is_named_and_not_quoted(monkeypatch: pytest.MonkeyPatch, value: str, says: str) -> None:
    monkeypatch.setenv("SHOP_URL", value)
    with pytest.raises(ConnectionProblem) as caught:
        resolve("env:SHOP_URL")
    assert says in str(caught.value)
    assert "SHOP_URL" in str(caught.value)
    assert caught.value.part == "reference"
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__} {caught.value.__context__}"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConnectionProblem, match=r"missing cannot be read \(No such file or directory\)"):
        resolve(f"file:{tmp_path}/missing")
    with pytest.raises(ConnectionProblem, match=r"cannot be read \(Is a directory\)"):
        resolve(f"file:{tmp_path}")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConnectionProblem, match="is not text"):
        resolve(f"file:{tmp_path}/binary")


def test_a_reference_of_another_kind_is_refused() -> None:
    with pytest.raises(ConnectionProblem, match="write own, env:NAME or file:/path"):
        resolve("vault:shop")


def test_a_description_holds_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_URL", URL)
    assert describe("env:SHOP_URL") == {
        "host": "db.example.org",
        "port": "6432",
        "database": "shop",
        "user": "alice",
        "problem": "",
    }


def test_a_description_of_nothing_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_URL", raising=False)
    found = describe("env:SHOP_URL")
    assert found["host"] == ""
    assert "SHOP_URL is not set" in found["problem"]
