"""What a document names, found in the database, by the names that its references use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from accounts.models import Group, User
from computers.models import Computer, LibraryItem, License, Script, Software
from rbac.models import Role
from rbac.world.document import World
from rbac.world.shapes import Row
from rbac.world.values import WorldError
from tenancy.models import Tag, Tenant

Ref = tuple[str | None, str]
"""The slug of the owner, None for the instance, and the name."""

K = TypeVar("K")
Found = TypeVar("Found")
Owned = TypeVar("Owned", Tag, Group, Role, Computer, Script, Software, License)


def parsed(reference: str) -> Ref:
    """`NAME` or `tenant-slug/NAME`."""
    owner, slash, name = reference.partition("/")
    return (owner, name) if slash else (None, reference)


class Directory:
    """Rows of the document, and everything that they may refer to. What a load makes, it adds."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.paths: dict[int, list[int]] = {}  # of all tenants, once those of the document stand where they belong
        self.tenants = {tenant.slug: tenant for tenant in Tenant.objects.order_by()}
        self.users = {user.email: user for user in User.objects.present().filter(email__in=self._emails()).order_by()}
        self.tags = self._by_ref(Tag.objects.live())
        self.groups = self._by_ref(Group.objects.live())
        self.roles = self._by_ref(Role.objects.live())
        self.scripts = self._by_ref(Script.objects.filter(name__in=self._item_names("scripts", "script")))
        self.software = self._by_ref(Software.objects.filter(name__in=self._item_names("software", "software")))
        self.licenses = self._by_ref(License.objects.filter(name__in=self._item_names("licenses", "license")))
        self.computers = self._by_ref(Computer.objects.live().filter(name__in=self._computer_names()))

    def rows(self, section: str) -> Iterator[tuple[str, Row]]:
        """The rows of one list, each with its place."""
        yield from self.world.rows[section].items()

    def tenant(self, slug: str, place: str) -> Tenant:
        return _look(self.tenants, slug, slug, place, "tenant")

    def user(self, email: str, place: str) -> User:
        return _look(self.users, email, email, place, "user")

    def tag(self, reference: str, place: str) -> Tag:
        return _look(self.tags, parsed(reference), reference, place, "tag")

    def group(self, reference: str, place: str) -> Group:
        return _look(self.groups, parsed(reference), reference, place, "group")

    def role(self, reference: str, place: str) -> Role:
        return _look(self.roles, parsed(reference), reference, place, "role")

    def computer(self, reference: str, place: str) -> Computer:
        return _look(self.computers, parsed(reference), reference, place, "computer")

    def item(self, model: type[LibraryItem], reference: str, place: str) -> LibraryItem:
        found: dict[type[LibraryItem], Mapping[Ref, LibraryItem]]
        found = {Script: self.scripts, Software: self.software, License: self.licenses}
        return _look(found[model], parsed(reference), reference, place, str(model._meta.verbose_name))

    def owner_id(self, row: Row, place: str) -> int | None:
        """The tenant that owns what the row describes; None is the instance."""
        return None if row["tenant"] is None else self.tenant(row["tenant"], f"{place}.tenant").pk

    def tags_of(self, row: Row, place: str, tenant_id: int) -> list[Tag]:
        """The tags that the row bears, each usable at the tenant (design 2)."""
        tags = [self.tag(reference, f"{place}.tags") for reference in row["tags"]]
        for tag in tags:
            if not self.is_within(tenant_id, tag.tenant_id):
                raise WorldError(f"{place}.tags", f'"{tag}" can only be used at or below the tenant that owns it')
        return tags

    def is_within(self, tenant_id: int, owner_id: int | None) -> bool:
        """Whether the tenant stands at or below the owner; all stand below the instance."""
        return owner_id is None or owner_id in self.paths[tenant_id]

    def _by_ref(self, rows: Iterable[Owned]) -> dict[Ref, Owned]:
        slugs: dict[int | None, str] = {tenant.pk: slug for slug, tenant in self.tenants.items()}
        return {(slugs.get(row.tenant_id), row.name): row for row in rows}

    def _emails(self) -> set[str]:
        listed = {row["email"] for _, row in self.rows("users")}
        members = {member["user"] for _, row in self.rows("groups") for member in row["members"]}
        shares = {row[key] for _, row in self.rows("shares") for key in ("user", "shared_by")}
        named = {row["user"] for section in ("assignments", "people") for _, row in self.rows(section) if row["user"]}
        return listed | members | shares | named

    def _computer_names(self) -> set[str]:
        listed = {row["name"] for _, row in self.rows("computers")}
        used = {parsed(each)[1] for _, row in self.rows("people") for each in row["computers"]}
        return listed | used | {parsed(row["computer"])[1] for _, row in self.rows("assignments") if row["computer"]}

    def _item_names(self, section: str, key: str) -> set[str]:
        """Of a kind of library item, listed or named by `key` of a share or a license."""
        naming = [row for each in ("shares", "licenses") for _, row in self.rows(each) if row.get(key)]
        return {row["name"] for _, row in self.rows(section)} | {parsed(row[key])[1] for row in naming}


def _look(found: Mapping[K, Found], key: K, reference: str, place: str, what: str) -> Found:
    try:
        return found[key]
    except KeyError:
        raise WorldError(place, f'no {what} "{reference}"') from None
