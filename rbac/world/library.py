"""Scripts, software, licenses and shares of a document. Files and keys stand in none that was dumped."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.auth.models import Permission as Named
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from computers.models import LibraryItem, License, Script, Software
from immyrbac.sealing import seal, unseal
from rbac.models import SHARES, Share
from rbac.world import writing
from rbac.world.directory import Directory, Ref
from rbac.world.shapes import Row, shared_item
from rbac.world.values import WorldError
from rbac.world.writing import Count

SHARED = ("user_id", "content_object_id", "permission_id", "shared_by_id", "expires_at", "reason")
"""The first three are what any two unended shares differ in."""

SECTIONS: dict[str, type[LibraryItem]] = {"licenses": License, "scripts": Script, "software": Software}


def put(directory: Directory) -> dict[str, Count]:
    """Write the lists, each after those that it refers to, and what is shared of each kind."""
    now = timezone.now()
    scripts = _items(directory, "scripts", "language", "body")
    software = _items(directory, "software", "publisher", "release", "notes")
    saved = {"updated_at": now, "saved_by": None}
    return {
        "scripts": writing.put(Script.objects.all(), directory.scripts, scripts, on_change=saved),
        "software": writing.put(Software.objects.all(), directory.software, software, on_change={"updated_at": now}),
        "licenses": writing.put(
            License.objects.all(), directory.licenses, _licenses(directory), on_change={"updated_at": now}
        ),
        **_put_shares(directory),
    }


def _items(directory: Directory, section: str, *columns: str) -> dict[Ref, dict[str, Any]]:
    """The columns of each row: owner, name and these, in which null is the empty text."""
    return {
        (row["tenant"], row["name"]): {
            "name": row["name"],
            "tenant_id": directory.owner_id(row, place),
            **{column: row[column] or "" for column in columns},
        }
        for place, row in directory.rows(section)
    }


def _licenses(directory: Directory) -> dict[Ref, dict[str, Any]]:
    wanted = _items(directory, "licenses")
    for place, row in directory.rows("licenses"):
        ref = row["tenant"], row["name"]
        named = row["software"] and directory.item(Software, row["software"], f"{place}.software")
        if named and named.tenant_id not in (None, wanted[ref]["tenant_id"]):
            raise WorldError(f"{place}.software", f'"{row["software"]}" is neither of its owner nor of the instance')
        wanted[ref] |= {"software_id": named.pk if named else None, "seats": row["seats"]}
        wanted[ref] |= {"expires_on": row["expires_on"], **_key(directory.licenses.get(ref), row["license_key"])}
    return wanted


def _key(known: License | None, key: str | None) -> dict[str, str]:
    """The column, where it has to be written: a known license keeps its key unless the document says another."""
    if known is not None and (key is None or unseal(known.sealed_key) == key):
        return {}
    return {"sealed_key": seal(key or "")}


def _put_shares(directory: Directory) -> dict[str, Count]:
    """Shares are immutable: what differs in its end, its reason or who gave it is ended and given anew."""
    named = dict(Named.objects.filter(codename__contains=":").values_list("codename", "pk"))
    wanted: dict[type[Share], list[tuple[Any, ...]]] = {table: [] for table in SHARES.values()}
    for place, row in directory.rows("shares"):
        kind, model = shared_item(row)
        item = directory.item(model, row[kind], f"{place}.{kind}")
        wanted[SHARES[model]].append(_columns(directory, row, place, item.pk, named[row["permission"]]))
    return {
        f"shares of {section}": writing.put_set(
            SHARES[model].objects.unended(),
            SHARED,
            wanted[SHARES[model]],
            end=_end,
            identity=3,
            make=partial(_given, SHARES[model]),
        )
        for section, model in SECTIONS.items()
    }


def _columns(directory: Directory, row: Row, place: str, item: int, permission: int) -> tuple[Any, ...]:
    user, giver = (directory.user(row[key], f"{place}.{key}") for key in ("user", "shared_by"))
    return user.pk, item, permission, giver.pk, row["expires_at"], row["reason"] or ""


def _given(table: type[Share], **columns: Any) -> Share:
    """Given now; one that has expired, just before."""
    ends, now = columns["expires_at"], timezone.now()
    when = {"shared_at": ends - timedelta(microseconds=1)} if ends is not None and ends <= now else {}
    return table(**columns, **when)


def _end(rows: QuerySet[Any]) -> None:
    rows.filter(expires_at__lte=Now()).update(ended_at=Now(), end_reason="lapsed")
    rows.filter(ended_at=None).update(ended_at=Now(), end_reason="replaced by load_world")
