"""Who may do what to whom among people and roles. Pure: no database, no Django.

Each `why_not_…` returns None when it is allowed, and otherwise one sentence for the person who tried.
"""

from __future__ import annotations

from dataclasses import dataclass

MANAGING_PEOPLE = frozenset({"access.use_admin", "access.change_person"})


@dataclass(frozen=True)
class Powers:
    """What a role gives: `permissions` as `app.codename`, or `everything`."""

    everything: bool
    permissions: frozenset[str]

    @property
    def manages_people(self) -> bool:
        """Whether holders can make, change and retire people."""
        return self.everything or self.permissions >= MANAGING_PEOPLE

    def beyond(self, other: Powers) -> bool:
        """Whether this gives anything that `other` does not."""
        if other.everything:
            return False
        return self.everything or not self.permissions <= other.permissions


def why_not_touch(actor: Powers, person: Powers) -> str | None:
    """Nobody changes a person who may do more: a new password would be a way to become that person."""
    if person.beyond(actor):
        return "This person may do more than you. Somebody with that role has to make the change."
    return None


def why_not_give(actor: Powers, role: Powers) -> str | None:
    """Nobody hands out more than they hold."""
    if role.beyond(actor):
        return "You cannot give a role that may do more than yours."
    return None


def why_not_grant(actor: Powers, before: Powers, after: Powers) -> str | None:
    """Nobody adds a permission to a role that they do not hold themselves."""
    if Powers(after.everything and not before.everything, after.permissions - before.permissions).beyond(actor):
        return "You cannot add permissions to a role that you do not have yourself."
    return None


def why_not_retire(*, is_self: bool) -> str | None:
    """Nobody retires themselves: they would be gone in the middle of their work."""
    return "You cannot retire yourself. Somebody else who manages people has to do it." if is_self else None


def why_not_without_manager(managers_left: int) -> str | None:
    """Somebody who can sign in must be left to manage people, or nobody could ever mend it."""
    if managers_left == 0:
        return "Nobody would be left who can manage people. Give another person a role that can first."
    return None
