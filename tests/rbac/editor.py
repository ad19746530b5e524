"""What the tests of the assignment editor post and ask."""

from django.urls import reverse

from rbac.models import Role, RoleAssignment
from tests.outcomes import mark_of

HTMX = {"HX-Request": "true"}


def address(user) -> str:
    return reverse("rbac:assignment-create", args=[user.pk])


def said(key: str = "tenant_user", **changes) -> dict[str, object]:
    role = Role.objects.get(key=key).pk
    asked = {"role": role, "effect": "allow", "scope": "own_tenant", "computer_scope": "all", "starts": "now"}
    return {**asked, "ends": "never", "reason": "INC-7", **changes}


def post(client, user, **changes):
    """As who has read what it does."""
    return once_read(client, address(user), said(**changes))


def once_read(client, to: str, asked: dict[str, object]):
    seen = mark_of(client.get(to, asked, headers=HTMX))
    return client.post(to, {"shown": seen, **asked})


def preview(client, user, **changes):
    answer = client.get(address(user), said(**changes), headers=HTMX)
    assert answer.status_code == 200
    return answer


def held(user):
    return RoleAssignment.objects.unended().filter(user=user)
