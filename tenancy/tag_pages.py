"""What pages about tags show: rows of the list; of one tag where it is used, and what may be done with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.safestring import SafeString

from computers.models import Computer
from immyrbac import markup
from immyrbac.lists import Total, capped
from immyrbac.requests import Request
from immyrbac.words import Status
from rbac.access import INSTANCE, Access
from rbac.lists import days_of, entries_about
from rbac.mentions import Mention, mentions_of
from rbac.permissions import Permission
from rbac.tag_uses import tags_that_carry_access
from tenancy.models import Tag, Tenant

LATEST = 10


class TagRow(NamedTuple):
    tag: Tag
    owner: str
    carries: str


def tag_rows(tags: Sequence[Tag]) -> list[TagRow]:
    """The tags come with their owner. Two queries."""
    ids = [tag.pk for tag in tags]
    tenants, computers = (tags_that_carry_access(on, ids) for on in ("tenants", "computers"))
    return [TagRow(tag, owner_of(tag), _carries(tag.pk in tenants, tag.pk in computers)) for tag in tags]


def owner_of(tag: Tag) -> str:
    return str(tag.tenant) if tag.tenant else "The instance"


def _carries(tenants: bool, computers: bool) -> str:  # noqa: FBT001  the two answers of one question
    on = " and ".join(words for words, does in (("tenants", tenants), ("computers", computers)) if does)
    return f"Carries access to {on}" if on else ""


# One tag


class Use(NamedTuple):
    """An assignment as `parts/sentence_row.html` takes it."""

    kind: str
    who: str
    address: str
    sentence: SafeString
    status: Status


def tag_page(request: Request, tag: Tag) -> dict[str, Any]:
    access = request.access
    mentions = mentions_of(access, tag)
    entries = entries_about(access, "tag", tag.pk, "tags")[:LATEST]
    owner = access.seen(Tenant).filter(pk=tag.tenant_id).first() if tag.tenant_id else None
    return {
        "tag": tag,
        "owner": owner_of(tag),
        "owner_url": reverse("tenancy:tenant-detail", args=[owner.pk]) if owner else "",
        "may_manage": access.can(Permission.TAGS_MANAGE, tag.tenant or INSTANCE),
        "figures": [(words, str(total), address, "") for words, total, address in _figures(access, tag)],
        "uses": [_use(mention) for mention in mentions.rows],
        "mentions": mentions,
        "days": days_of(entries, access) if access.holds(Permission.AUDIT_VIEW) else None,
    }


def _figures(access: Access, tag: Tag) -> Iterator[tuple[str, Total, str]]:
    for words, model, name, live in (
        ("Tenants", Tenant, "tenancy:tenant-list", {}),
        ("Computers", Computer, "computers:computer-list", {"deleted_at": None}),
    ):
        if access.holds(model.VIEW):
            yield words, capped(access.seen(model).filter(tags=tag, **live)), f"{reverse(name)}?tag={tag.pk}"


def _use(mention: Mention) -> Use:
    page, pk = "rbac:assignment-list", mention.user_id
    if pk is None:
        page, pk = "rbac:group-assignment-list", mention.group_id
    return Use(mention.effect, mention.who, reverse(page, args=[pk]), markup.sentence(mention.words), mention.status)
