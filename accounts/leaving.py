"""What somebody who leaves holds, owns and awaits, as far as a reader may see it; who may take it over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import QuerySet

from accounts.links import usable_links
from accounts.models import AccessRequest, Invitation, PasswordLink, SavedView, User
from accounts.saved_views import shared_views
from accounts.sessions import open_sessions
from computers.deployments.models import PENDING, ChangeRequest
from rbac.access import Access
from rbac.handovers import Losing, losing_of
from rbac.rosters import Held, roster_of
from rbac.share_lists import Line, shares_of_user


class Belongings(NamedTuple):
    """`held` is what was given to them alone, as pages show it; `losing` is that, the memberships and what happens by
    their right, as rows; `alone` is what of the library is shared with them.

    `own_views` is how many views they alone open; `issued` are the set-password links by which they let others in, and
    `awaits_link` says that one waits for themselves; `invited` are open invitations for which they answer, `proposed`
    and `asked` are change requests and requests for access that wait. `beyond`: they hold more than the reader may see.
    """

    losing: Losing
    held: Sequence[Held]
    alone: Sequence[Line]
    shared: Sequence[SavedView]
    own_views: int
    issued: Sequence[PasswordLink]
    awaits_link: bool
    invited: Sequence[Invitation]
    proposed: Sequence[ChangeRequest]
    asked: Sequence[AccessRequest]
    sessions: int
    beyond: bool


def belongings_of(access: Access, user: User) -> Belongings:
    roster, shared, of_all = roster_of(access, user), list(shared_views(user, access)), shared_views(user).count()
    issued = usable_links().filter(created_by=user, user__in=access.seen(User).order_by().values("pk"))
    return Belongings(
        losing_of(access, user),
        roster.direct,
        shares_of_user(access, user),
        shared,
        user.saved_views.count() - of_all,
        list(issued.exclude(user=user).select_related("user").order_by("user__name", "pk")),
        usable_links().filter(user=user).exists(),
        list(access.seen(Invitation.objects.open()).filter(invited_by=user).order_by("email", "pk")),
        list(access.seen(ChangeRequest).filter(asked_by=user, state__in=PENDING).order_by("name", "pk")),
        list(access.seen(AccessRequest).filter(user=user, decided_at=None).order_by("pk")),
        open_sessions(user).count(),
        roster.beyond or of_all > len(shared),
    )


def successors(access: Access, user: User) -> QuerySet[User]:
    """Who may take over from this user, as far as the reader sees: whoever may act. The gate says who may gain it."""
    able = User.objects.able_to_act().exclude(pk=user.pk).order_by().values("pk")
    found: QuerySet[User] = access.seen(User).filter(pk__in=able)
    return found.select_related("tenant")
