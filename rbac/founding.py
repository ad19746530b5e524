"""Making an owner from the shell, where no owner has to be there to ask (design 10, `create_owner`)."""

from __future__ import annotations

from itertools import count

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from accounts.models import User, normal_email
from rbac.audit import SYSTEM, named
from rbac.delegation import Gate, act
from rbac.drafts import described
from rbac.models import Role, RoleAssignment
from rbac.owners import OWNER_ROLE, usable_owners
from tenancy.models import Tenant, TenantScopeKind


def found_owner(*, email: str, name: str, tenant: str, password: str) -> User:
    """A new user who can act as owner, at home in the MSP tenant of this name, which is made where there is none.

    ValidationError says what is wrong with the address, the tenant or the password; then nothing has changed.
    """
    user = User(email=normal_email(email), name=name)
    with act(SYSTEM, "owner.created", label=user.email) as gate:
        user.tenant, is_new = _home(tenant.strip())
        user.clean_fields(exclude=("password",))
        user.validate_unique()
        validate_password(password, user)
        user.set_password(password)
        user.save(force_insert=True)
        _crown(gate, user, [user.tenant] if is_new else [])
    return user


def _home(name: str) -> tuple[Tenant, bool]:
    """The MSP of this name, and whether it had to be made."""
    found = list(Tenant.objects.filter(name=name, is_msp=True))
    if len(found) > 1:
        raise ValidationError(f'{len(found)} MSPs are called "{name}".')
    if found and not found[0].is_active:
        raise ValidationError(f"{name} is inactive: nobody whose home it is can act.")
    return (found[0], False) if found else (_found_msp(name), True)


def _found_msp(name: str) -> Tenant:
    tenant = Tenant(name=name, slug=_free_slug(name), is_msp=True)
    tenant.clean_fields(exclude=("msp", "path"))
    tenant.save(force_insert=True)
    return tenant


def _free_slug(name: str) -> str:
    stem = slugify(name)[:70] or "msp"
    candidates = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(slug for slug in candidates if not Tenant.objects.filter(slug=slug).exists())


def _crown(gate: Gate, user: User, made: list[Tenant]) -> None:
    role = Role.objects.get(key=OWNER_ROLE)
    row = RoleAssignment.objects.create(user=user, role=role, scope=TenantScopeKind.OWNER, reason="create_owner")
    if not usable_owners().filter(pk=user.pk).exists():
        raise ValidationError("This user could not act as owner.")
    said = {
        "email": user.email,
        "tenant": user.tenant.name,
        "role": role.name,
        "scope": TenantScopeKind.OWNER.value,
        "assignments": [described(row)],
        **({"tenants": named(made)} if made else {}),
    }
    gate.record(target=user, after=said)
