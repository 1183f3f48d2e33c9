import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command

from maintenance.models import Target
from zbmaint.access.models import Role

pytestmark = pytest.mark.django_db


def test_it_installs_every_role_and_the_own_database() -> None:
    call_command("defaults")
    assert [role.key for role in Role.objects.all()] == [
        "viewer",
        "tier1",
        "tier2",
        "tier3",
        "lead",
        "manager",
        "admin",
    ]
    assert Target.objects.get().reference == "own"


def test_every_shipped_permission_exists() -> None:
    call_command("defaults")
    held = {f"{p.content_type.app_label}.{p.codename}" for p in Permission.objects.filter(roles__key="lead")}
    assert {"maintenance.start_run", "maintenance.accept_finding", "access.use_admin", "audit.view_auditentry"} <= held


def test_a_second_call_never_overwrites_an_edit() -> None:
    call_command("defaults")
    lead = Role.objects.get(key="lead")
    lead.name = "Shift lead"
    lead.save()
    lead.permissions.remove(Permission.objects.get(codename="start_run"))
    Role.objects.get(key="viewer").delete()
    Target.objects.update(title="Renamed")
    call_command("defaults")
    lead.refresh_from_db()
    assert lead.name == "Shift lead"
    assert not lead.permissions.filter(codename="start_run").exists()
    assert not Role.objects.filter(key="viewer").exists()
    assert Target.objects.get().title == "Renamed"
