"""What the catalogue says of each permission: the form of it, below the permissions themselves (design 5)."""

from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices


class Category(TextChoices):
    VIEW = "view", "View"
    CORE = "core", "Core"
    ADVANCED = "advanced", "Advanced"


class Scoping(TextChoices):
    """How far down a permission is asked: of a tenant, of one computer, or of the whole instance only."""

    TENANT = "tenant", "Tenant"
    COMPUTER = "computer", "Computer"
    SYSTEM = "system", "System"


@dataclass(frozen=True, slots=True)
class PermissionSpec:
    """What the catalogue says of one permission.

    `msp_only` counts for users whose home is an MSP (rule 4 of design 3). `administrative` permissions can raise
    somebody's reach (design 5). `depends_on` names the permissions that a role that allows must hold as well.
    """

    subject: str
    category: Category
    help_text: str
    scoping: Scoping = Scoping.TENANT
    msp_only: bool = False
    great_power: bool = False
    administrative: bool = False
    depends_on: tuple[Any, ...] = ()
