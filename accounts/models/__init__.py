"""Who may sign in, how they come to, and what they ask for (design 8)."""

from accounts.models.access_requests import AccessRequest, AccessRequestQuerySet
from accounts.models.people import Person
from accounts.models.single_sign_on import (
    Identity,
    IdentityProvider,
    IdentityProviderQuerySet,
    IdentityQuerySet,
)
from accounts.models.users import (
    Group,
    GroupMembership,
    GroupMembershipQuerySet,
    GroupQuerySet,
    Impersonation,
    ImpersonationQuerySet,
    Invitation,
    InvitationQuerySet,
    PasswordLink,
    SavedView,
    SavedViewQuerySet,
    User,
    UserManager,
    UserQuerySet,
    normal_email,
)

__all__ = [
    "AccessRequest",
    "AccessRequestQuerySet",
    "Group",
    "GroupMembership",
    "GroupMembershipQuerySet",
    "GroupQuerySet",
    "Identity",
    "IdentityProvider",
    "IdentityProviderQuerySet",
    "IdentityQuerySet",
    "Impersonation",
    "ImpersonationQuerySet",
    "Invitation",
    "InvitationQuerySet",
    "PasswordLink",
    "Person",
    "SavedView",
    "SavedViewQuerySet",
    "User",
    "UserManager",
    "UserQuerySet",
    "normal_email",
]
