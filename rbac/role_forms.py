"""What is typed and ticked about a role; what may be chosen comes from the actor (safety 15)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse_lazy

from accounts.forms.users import is_confirmed
from immyrbac.widgets import Combobox, RadioCards
from immyrbac.words import listed
from rbac.access import Access
from rbac.models import Role
from rbac.permissions import Permission, closure
from tenancy.models import Tenant

ALLOWING, DENYING = "allow", "deny"


def role_owners(access: Access) -> QuerySet[Tenant]:
    """The tenants that may own a role which the actor makes."""
    return access.reachable(Tenant, Permission.ROLES_MANAGE)


class RolePlaceForm(forms.Form):
    """Which tenant a new role shall belong to, and of which it is a copy."""

    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None,
        label="Owner",
        empty_label=None,
        widget=Combobox(source=reverse_lazy("rbac:role-place-pick"), noun="tenants"),
    )
    copied_from: forms.ModelChoiceField[Role] = forms.ModelChoiceField(None, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tenants: Any = self.fields["tenant"]
        roles: Any = self.fields["copied_from"]
        tenants.queryset, roles.queryset = role_owners(access), access.seen(Role)


class RoleForm(forms.Form):
    """A role as it is edited. What its permissions depend on is added: `added` says what, and why."""

    name = forms.CharField(max_length=120, error_messages={"required": "Give a name."})
    description = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text="What it is for: whoever gives it reads this.",
    )
    permissions = forms.MultipleChoiceField(
        choices=Permission.choices,
        error_messages={"required": "Tick one permission at least: without any a role does nothing."},
    )
    deny_only = False
    added: frozenset[Permission] = frozenset()

    def __init__(self, *args: Any, deny_only: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deny_only = deny_only

    @property
    def denies(self) -> bool:
        return self.deny_only

    @property
    def ticked(self) -> frozenset[Permission]:
        """As it was sent, or as it is at first; what is unknown is not among them."""
        data, field = self.data, self.fields["permissions"]
        initial = self.get_initial_for_field(field, "permissions")
        said = data.getlist("permissions") if self.is_bound and isinstance(data, QueryDict) else initial
        return frozenset(permission for permission in Permission if permission in (said or ()))

    @property
    def held(self) -> frozenset[Permission]:
        """What the role would hold."""
        return self.ticked if self.denies else closure(self.ticked)

    @property
    def because(self) -> list[str]:
        """What was not ticked and is held all the same, with what depends on it."""
        added = self.held - self.ticked
        return [
            f"{each.label}, which {listed([one.label for one in needing])} {'needs' if len(needing) == 1 else 'need'}"
            for each in Permission
            if each in added
            for needing in [[one for one in Permission if one in self.held and each in one.spec.depends_on]]
        ]

    @property
    def because_words(self) -> str:
        return f"Added, since others depend on it: {'; '.join(self.because)}."

    def clean_permissions(self) -> list[Permission]:
        return sorted(self.held)


class NewRoleForm(RoleForm):
    kind = forms.ChoiceField(
        label="For",
        choices=[(ALLOWING, "Allowing"), (DENYING, "Denying only")],
        initial=ALLOWING,
        widget=RadioCards(
            help={
                ALLOWING: "Gives what is ticked. It may be denied as well.",
                DENYING: "Takes exactly what is ticked, and can never give it.",
            },
            denies=[DENYING],
        ),
    )
    copied_from: forms.ModelChoiceField[Role] = forms.ModelChoiceField(None, required=False, widget=forms.HiddenInput)
    field_order = ("name", "description", "kind", "permissions")

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles: Any = self.fields["copied_from"]
        roles.queryset = access.seen(Role)

    @property
    def denies(self) -> bool:
        said = self.data.get("kind") if self.is_bound else self.get_initial_for_field(self.fields["kind"], "kind")
        return said == DENYING


class RoleEditForm(RoleForm):
    version = forms.IntegerField(widget=forms.HiddenInput)

    def overtaken(self, now: Role) -> None:
        """Say that somebody else was quicker; the next save is made knowing it."""
        data: Any = self.data
        self.data = data = data.copy()
        data["version"] = now.version
        self.add_error(
            None,
            f"Somebody else changed this role meanwhile: it is at version {now.version} now, and nothing of theirs was "
            "overwritten. What you chose is kept below; saving it makes the next version.",
        )


class ReviewForm(forms.Form):
    """Why a role changes for those who have it; where they gain great power, its name is typed."""

    reason = forms.CharField(
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": "Say why: whoever loses something and the auditors will read it."},
    )

    def __init__(self, data: QueryDict | None = None, *, phrase: str = "") -> None:
        super().__init__(data)
        self.phrase = phrase
        self.wrong = ""

    @property
    def typed(self) -> str:
        return str(self.data.get("confirmation", ""))

    def clean(self) -> dict[str, Any]:
        if self.phrase and not is_confirmed(self.typed, self.phrase):
            self.wrong = f"This is not {self.phrase}."
            raise ValidationError(f"Type {self.phrase} to confirm that somebody gains great power.")
        return super().clean() or {}


class DeleteForm(forms.Form):
    reason = forms.CharField(max_length=1000, error_messages={"required": "Say why: auditors will read it."})
    version = forms.IntegerField(widget=forms.HiddenInput)


def names(permissions: Iterable[Permission], limit: int = 5) -> str:
    return listed([permission.label for permission in Permission if permission in set(permissions)], limit=limit)
