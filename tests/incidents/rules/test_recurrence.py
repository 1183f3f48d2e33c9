import pytest

from incidents.rules.recurrence import LONGEST, kind_of


def said(title: str, category: str = "bug", *, source: str = "", key: str = "") -> str:
    return kind_of(source=source, key=key, category=category, title=title)


@pytest.mark.parametrize(
    "title", ["disk of ops-1 is FULL", "Disk of ops-27 is full!", "  Disk of ops is full", "Disk of ops: is full 98%"]
)
def test_case_figures_and_punctuation_make_no_other_kind(title: str) -> None:
    assert said(title) == said("Disk of ops-1 is full")


def test_another_title_or_category_is_another_kind() -> None:
    assert said("Disk is full") != said("Disk is slow")
    assert said("Disk is full") != said("Disk is full", "database")


def test_alerts_are_of_one_kind_by_key_whatever_they_say() -> None:
    assert said("a", "bug", source="zabbix", key="7") == said("b", "database", source="zabbix", key="7")
    assert said("a", source="zabbix", key="7") != said("a", source="zabbix", key="8")
    assert said("a", source="zabbix", key="7") != said("a", source="other", key="7")
    assert said("a", source="zabbix", key="7") != said("a", source="zabbix")


def test_it_fits_its_column() -> None:
    assert len(said("x" * 10_000)) == LONGEST
