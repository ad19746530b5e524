"""Software: library items of a tenant or of the instance, with uploaded files that nobody here trusts (safety 24)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from computers.library import changing, check, digest_of, making
from computers.models import Software, SoftwareFile
from rbac.audit import Actor, named
from rbac.permissions import Permission
from rbac.share_services import shares_going_with
from tenancy.models import Tenant

MANAGE = Permission.SOFTWARE_MANAGE
MOST_FILES = 50
TAKEN = "A file with this name is already there. Remove it first, or give yours another name."
FULL = f"Software holds at most {MOST_FILES} files."
NAMED = "A license is for this software. Take it out of the license first."
DEPLOYED = "A deployment is for this software. Delete that first, or let it install another."
GONE = "This file is no longer there."


def create_software(
    *, actor: Actor, tenant: Tenant | None, name: str, publisher: str, release: str, notes: str
) -> Software:
    """Software of the tenant, or of the instance where there is none."""
    made = Software(tenant=tenant, name=name.strip(), publisher=publisher, release=release, notes=notes)
    with making(actor, "software.created", MANAGE, made) as gate:
        check(made)
        made.save(force_insert=True)
        gate.record(target=made, tenant=made.tenant_id, after=_described(made))
    return made


def edit_software(
    *, actor: Actor, software: Software, version: datetime, name: str, publisher: str, release: str, notes: str
) -> Software:
    with changing(actor, "software.edited", MANAGE, software, version) as (gate, found):
        before = _described(found)
        found.name, found.publisher, found.release, found.notes = name.strip(), publisher, release, notes
        after = _described(found)
        if after != before:
            check(found)
            found.save(update_fields=("name", "publisher", "release", "notes", "updated_at"))
            gate.record(target=found, tenant=found.tenant_id, before=before, after=after)
        gate.keeping(found)
    return found


def delete_software(*, actor: Actor, software: Software, version: datetime, reason: str) -> None:
    """With its files. Raises ValidationError while a license or a deployment names it."""
    with changing(actor, "software.deleted", MANAGE, software, version) as (gate, found):
        if found.licenses.exists():
            raise ValidationError(NAMED)
        if found.deployments.exists():
            raise ValidationError(DEPLOYED)
        files = list(found.files.all())
        before = {**_described(found), "files": [_told(each) for each in files], **shares_going_with(found)}
        target = Software(pk=found.pk, name=found.name)
        found.delete()
        gate.record(target=target, tenant=found.tenant_id, reason=reason, before=before)
        _forget(files)


def add_software_file(*, actor: Actor, software: Software, file: UploadedFile[Any]) -> SoftwareFile:
    """Keeps what was uploaded. A gigabyte is read and written before the act: meanwhile others change access."""
    made = SoftwareFile(software=software, name=file.name or "", size=file.size or 0, added_by=actor.user)
    made.sha256 = _sha256(file)
    default_storage.save(made.place, file)
    try:
        with changing(actor, "software.file_added", MANAGE, software) as (gate, found):
            _check(made)
            made.save(force_insert=True)
            gate.record(target=found, tenant=found.tenant_id, after={"files": [_told(made)]})
    except BaseException:  # refused, or anything else that left no row
        default_storage.delete(made.place)
        raise
    return made


def remove_software_file(
    *, actor: Actor, software: Software, file: SoftwareFile, version: datetime, reason: str
) -> None:
    with changing(actor, "software.file_removed", MANAGE, software, version) as (gate, found):
        gone = found.files.filter(pk=file.pk).first()
        if gone is None:
            raise ValidationError(GONE)
        before = {"files": [_told(gone)]}
        gone.delete()
        gate.record(target=found, tenant=found.tenant_id, reason=reason, before=before)
        _forget([file])


def _check(made: SoftwareFile) -> None:
    try:
        made.clean_fields()
    except ValidationError as error:
        raise ValidationError({"file": error.messages}) from error
    others = SoftwareFile.objects.filter(software=made.software_id)
    if others.filter(name=made.name).exists():
        raise ValidationError({"file": TAKEN})
    if others.count() >= MOST_FILES:
        raise ValidationError({"file": FULL})


def _sha256(file: UploadedFile[Any]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _forget(files: list[SoftwareFile]) -> None:
    """What they hold goes once it is certain that their rows are gone."""
    for file in files:
        transaction.on_commit(partial(default_storage.delete, file.place))


def _told(file: SoftwareFile) -> dict[str, Any]:
    return {**named([file])[0], "size": file.size, "sha256": file.sha256}


def _described(made: Software) -> dict[str, Any]:
    notes = digest_of(made.notes) if made.notes else ""
    return {"name": made.name, "publisher": made.publisher, "release": made.release, "notes": notes}
