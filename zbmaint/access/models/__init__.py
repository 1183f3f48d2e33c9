"""People, roles, and the ledger of installed defaults."""

from zbmaint.access.models.installed_default import InstalledDefault
from zbmaint.access.models.person import Density, Person, Theme
from zbmaint.access.models.role import Role, may

__all__ = ["Density", "InstalledDefault", "Person", "Role", "Theme", "may"]
