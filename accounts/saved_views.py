"""Saved views: a list's filters and order under a name, of one's own or shared with a group.

They say nothing that a request would not be asked anew, so no act on them is audited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Group, GroupMembership, SavedView, User
from immyrbac.bookmarks import Bookmark
from rbac.access import Access, access_for
from rbac.audit import Actor
from rbac.permissions import Permission

MOST = 100
"""So many may one person keep."""


def views_for(user: User) -> QuerySet[SavedView]:
    """What the reader may open by name: their own, and those of groups they are in."""
    return SavedView.objects.of_reader(user).select_related("group")


def shareable(access: Access, view: SavedView | None = None) -> QuerySet[Group]:
    """The groups that the reader is in and those that they manage; the one that shares the view already may stay."""
    mine = GroupMembership.objects.live().filter(user=access.user_id).values("group_id")
    managed = access.reachable(Group, Permission.GROUPS_MANAGE).order_by().values("pk")
    present = Q(pk=view.group_id) if view is not None else Q(pk__in=())
    return Group.objects.live().filter(present | Q(pk__in=mine) | Q(pk__in=managed))


def save_view(*, actor: Actor, bookmark: Bookmark, name: str, group: Group | None = None) -> SavedView:
    """Keep what a list has signed. Raises ValidationError for a name that is taken, and for one view too many."""
    owner = _owner(actor)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # one at a time: they are counted
        if SavedView.objects.filter(owner=owner).count() >= MOST:
            raise ValidationError(f"You have {MOST} views. Delete one first.")
        view = SavedView(owner=owner, route=bookmark.route, query=bookmark.query)
        _write(view, name, group)
    return view


def edit_view(*, actor: Actor, view: SavedView, name: str, group: Group | None) -> None:
    """Rename a view of one's own, and share it, or no longer."""
    with transaction.atomic():
        _write(_own(actor, view), name, group)


def delete_view(*, actor: Actor, view: SavedView) -> None:
    with transaction.atomic():
        _own(actor, view).delete()


def shared_views(user: User, access: Access | None = None) -> QuerySet[SavedView]:
    """Their own that others open as well; for a reader, those of groups that the reader sees."""
    rows = SavedView.objects.filter(owner=user, group__isnull=False, group__removed_at=None).select_related("group")
    return rows if access is None else rows.filter(group__in=access.seen(Group).order_by().values("pk"))


def pass_on_views(user: User, views: Iterable[SavedView], successors: Mapping[int, User]) -> None:
    """The bare write, for the service that sees the user off: shared views, locked, to whoever keeps them from now.

    They carry no access; whoever keeps one could share it themselves. A name that the successor has already gets the
    user's behind it.
    """
    for view in views:
        if view.pk not in successors:
            continue
        view.owner = successors[view.pk]
        if not shareable(access_for(view.owner)).filter(Q(pk=view.group_id)).exists():
            raise ValidationError(f"{view.owner} is neither in {view.group} nor its manager.")
        own = SavedView.objects.filter(owner=view.owner)
        if own.count() >= MOST:
            raise ValidationError(f"{view.owner} has {MOST} views, and can take no more.")
        taken = set(own.values_list("name", flat=True))
        names = (view.name, *(f"{view.name[:40]} ({user.name[:12]}{number})" for number in ("", *range(2, MOST + 2))))
        view.name = next(name for name in names if name not in taken)
        view.save(update_fields=("owner", "name"))


def delete_views_of(user: User) -> None:
    """The bare write, for the service that removes the user."""
    SavedView.objects.filter(owner=user).delete()


def _owner(actor: Actor) -> User:
    if actor.user is None:
        raise ValidationError("Views belong to people.")
    return actor.user


def _own(actor: Actor, view: SavedView) -> SavedView:
    own: SavedView = SavedView.objects.select_for_update(no_key=True).get(pk=view.pk, owner=_owner(actor))
    return own


def _write(view: SavedView, name: str, group: Group | None) -> None:
    if group is not None and not shareable(access_for(view.owner), view).filter(pk=group.pk).exists():
        raise ValidationError({"group": "You are neither in this group nor its manager."})
    view.name, view.group = name.strip(), group
    view.full_clean()
    view.save()
