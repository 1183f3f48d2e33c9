"""What can be done to people, and what is refused."""

from __future__ import annotations

import threading

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import connection

from tests.auditing import entries, entry, verbs
from tests.conftest import PASSWORD, make_people
from zbmaint.access.actions import people as actions
from zbmaint.access.actions.people import Details, Refused
from zbmaint.access.models import Person, Role

People = dict[str, Person]


def role(key: str) -> Role:
    """The shipped role."""
    return Role.objects.get(key=key)


def manager_of_people() -> Person:
    """Somebody who manages people without holding everything."""
    kind = Role.objects.create(key="hr", name="People office")
    kind.permissions.set([*role("lead").permissions.all(), *_permission("change_person"), *_permission("add_person")])
    person = Person(username="hr", role=kind)
    person.set_password(PASSWORD)
    person.save()
    return person


def _permission(codename: str) -> list[Permission]:
    return list(role("admin").permissions.filter(codename=codename))


def test_a_person_is_made_with_a_password_and_can_sign_in(people: People) -> None:
    made = actions.create(Details("t.ncube", role("tier1"), tier=1), password=PASSWORD, actor=people["admin"])
    assert made.check_password(PASSWORD)
    kept = entry()
    assert (kept.verb, kept.target_label, kept.actor) == ("person_created", "t.ncube", people["admin"])
    assert kept.after is not None
    assert kept.after["role"] == "Tier 1"
    assert PASSWORD not in str(kept.after)


def test_a_person_made_without_a_password_cannot_sign_in(people: People) -> None:
    made = actions.create(Details("t.ncube", role("tier1")), password=None, actor=people["admin"])
    assert not made.has_usable_password()


def test_two_people_cannot_have_one_name(people: People) -> None:
    with pytest.raises(ValidationError, match="exists already"):
        actions.create(Details("viewer", role("tier1")), password=None, actor=people["admin"])


@pytest.mark.parametrize(
    "wrong", [{"time_zone": "Mars/Olympus"}, {"email": "no"}, {"username": "two words"}, {"tier": 4}]
)
def test_a_person_with_a_wrong_detail_is_not_made(people: People, wrong: dict[str, object]) -> None:
    details = Details(**{"username": "new", "role": role("tier1"), **wrong})  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(ValidationError):
        actions.create(details, password=None, actor=people["admin"])


def test_a_change_is_recorded_before_and_after(people: People) -> None:
    actions.change(people["tier1"], Details("tier1", role("tier2"), name="T", tier=2), actor=people["admin"])
    kept = entry()
    assert kept.before == {"role": "Tier 1", "name": "Tier1", "email": "tier1@example.org", "tier": None}
    assert kept.after == {"role": "Tier 2", "name": "T", "email": "", "tier": 2}


def test_retiring_keeps_the_person_and_restoring_lets_them_in_again(people: People) -> None:
    gone = actions.retire(people["tier1"], actor=people["admin"])
    assert gone.retired_at is not None
    assert not gone.is_active
    assert gone.has_perm("maintenance.view_run") is False
    back = actions.restore(gone, actor=people["admin"])
    assert back.is_active
    assert verbs() == ["person_retired", "person_restored"]


def test_retiring_twice_is_recorded_once(people: People) -> None:
    gone = actions.retire(people["tier1"], actor=people["admin"])
    again = actions.retire(gone, actor=people["admin"])
    assert again.retired_at == gone.retired_at
    assert entries().count() == 1


def test_nobody_retires_themselves(people: People) -> None:
    with pytest.raises(Refused, match="yourself"):
        actions.retire(people["admin"], actor=people["admin"])
    assert Person.objects.get(username="admin").is_active


def test_the_last_who_manages_people_cannot_give_that_up(people: People) -> None:
    with pytest.raises(Refused, match="Nobody would be left"):
        actions.change(people["admin"], Details("admin", role("viewer")), actor=people["admin"])
    assert Person.objects.get(username="admin").role.key == "admin"
    assert not entries().exists()


def test_it_is_allowed_when_another_is_left(people: People) -> None:
    actions.create(Details("second", role("admin")), password=PASSWORD, actor=people["admin"])
    changed = actions.change(people["admin"], Details("admin", role("viewer")), actor=people["admin"])
    assert changed.role.key == "viewer"


def test_another_who_has_no_password_does_not_count(people: People) -> None:
    actions.create(Details("second", role("admin")), password=None, actor=people["admin"])
    with pytest.raises(Refused, match="Nobody would be left"):
        actions.change(people["admin"], Details("admin", role("viewer")), actor=people["admin"])


def test_nobody_gives_a_role_that_may_do_more_than_theirs(people: People) -> None:
    office = manager_of_people()
    with pytest.raises(Refused, match="cannot give a role"):
        actions.create(Details("mine", role("admin")), password=PASSWORD, actor=office)
    with pytest.raises(Refused, match="cannot give a role"):
        actions.change(people["viewer"], Details("viewer", role("admin")), actor=office)


def test_nobody_touches_somebody_who_may_do_more(people: People) -> None:
    office = manager_of_people()
    with pytest.raises(Refused, match="may do more than you"):
        actions.set_password(people["admin"], PASSWORD, actor=office)
    with pytest.raises(Refused, match="may do more than you"):
        actions.retire(people["admin"], actor=office)
    with pytest.raises(Refused, match="may do more than you"):
        actions.change(people["admin"], Details("x", role("admin")), actor=office)


def test_setting_a_password_is_recorded_without_it(people: People) -> None:
    actions.set_password(people["viewer"], "quite another sentence", actor=people["admin"])
    kept = entry()
    assert (kept.verb, kept.before, kept.after) == ("password_changed", None, None)


def test_a_profile_has_no_other_fields(people: People) -> None:
    with pytest.raises(TypeError, match="role"):
        actions.change_profile(people["viewer"], role=role("admin"))


def test_the_first_admin_is_made_once(db: None) -> None:
    first = actions.create_first_admin(PASSWORD)
    assert first is not None
    assert (first.username, first.role.key, first.check_password(PASSWORD)) == ("admin", "admin", True)
    assert actions.create_first_admin("another good one") is None
    kept = entry()
    assert (kept.actor, kept.actor_name) == (None, "zbmaint")


def test_no_first_admin_where_anybody_exists(people: People) -> None:
    Person.objects.filter(username="admin").delete()
    assert actions.create_first_admin(PASSWORD) is None


def test_the_last_two_cannot_retire_each_other_at_the_same_moment(installed: None) -> None:
    """Both transactions see the other manager as still there; the lock lets one after the other."""
    people = make_people()
    second = actions.create(Details("second", role("admin")), password=PASSWORD, actor=people["admin"])
    start, refused = threading.Barrier(2), []

    def retire(whom: Person, by: Person) -> None:
        start.wait()
        try:
            actions.retire(whom, actor=by)
        except Refused as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    pairs = [(second, people["admin"]), (people["admin"], second)]
    threads = [threading.Thread(target=retire, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Person.objects.active().filter(role__key="admin").count() == 1
