"""What acts on library items share: their owner's container, one name in it, and nothing written over what is newer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from django.core.exceptions import ValidationError

from computers.models import LibraryItem
from immyrbac.words import counted
from rbac.access import INSTANCE
from rbac.audit import Actor
from rbac.delegation import ConflictError, Gate, act
from rbac.permissions import Permission

Item = TypeVar("Item", bound=LibraryItem)


@contextmanager
def making(actor: Actor, action: str, permission: Permission, made: LibraryItem) -> Iterator[Gate]:
    """Round the save of a new item: asked of its owner, the instance where there is none."""
    with act(actor, action, label=made.name, tenant=made.tenant_id) as gate:
        gate.require(permission, gate.lock(made.tenant) if made.tenant else INSTANCE)
        yield gate
        gate.keeping(made)


@contextmanager
def changing(
    actor: Actor, action: str, permission: Permission, about: Item, version: datetime | None = None
) -> Iterator[tuple[Gate, Item]]:
    """Round an act on an item; raises ConflictError where `version`, if given, is not the one that stands."""
    with act(actor, action, target=about, tenant=about.tenant_id) as gate:
        found = gate.lock(about)
        gate.require(permission, found)
        if version is not None and found.updated_at != version:
            raise ConflictError(found)
        yield gate, found


def check(made: LibraryItem) -> None:
    """Raises ValidationError."""
    made.clean_fields()
    model = type(made)
    if model._default_manager.filter(tenant=made.tenant_id, name=made.name).exclude(pk=made.pk).exists():  # noqa: SLF001  any model
        raise ValidationError({"name": f"A {model._meta.verbose_name} with this name is already there."})


def digest_of(text: str) -> str:
    """How audit tells of a text: by its size and hash, since it may hold what the log must not (design 9)."""
    lines, digest = len(text.splitlines()), hashlib.sha256(text.encode()).hexdigest()
    return f"{counted(lines, 'line')}, SHA-256 {digest[:16]}"
