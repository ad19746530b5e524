"""What is typed about somebody who uses computers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import Person, User
from accounts.persons import values_of
from immyrbac.versions import version_of
from immyrbac.widgets import Combobox, VersionField
from rbac.access import Access
from tenancy.models import Tenant


def accounts_for(access: Access, tenant: Tenant, person: Person | None = None) -> QuerySet[User]:
    """The accounts of the tenant that are nobody else's."""
    taken = access.seen(Person).filter(tenant=tenant, user__isnull=False).order_by().values("user_id")
    rows = access.seen(User).filter(tenant=tenant, removed_at=None)
    return rows.filter(~Q(pk__in=taken) | Q(pk=person.user_id if person else None))


def describe_account(user: User) -> dict[str, object]:
    return {"help": user.email}


class PersonForm(forms.Form):
    name = forms.CharField(max_length=120, error_messages={"required": "Give a name."})
    email = forms.EmailField(label="E-mail", max_length=254, required=False)
    login = forms.CharField(
        label="Name on computers",
        max_length=120,
        required=False,
        help_text="As agents report who is signed in, mlindgren for instance.",
    )
    user: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        None,
        label="User account",
        required=False,
        empty_label="None",
        help_text="Of the same person. It gives nothing.",
    )

    def __init__(self, data: Any, *, access: Access, tenant: Tenant, person: Person | None = None) -> None:
        super().__init__(data, initial=values_of(person) if person else None)
        field: Any = self.fields["user"]
        source = reverse("accounts:person-user-pick", args=[tenant.pk])
        field.widget = Combobox(describe=describe_account, source=source, noun="users", first=0)
        field.queryset = accounts_for(access, tenant, person)


class PersonEditForm(PersonForm):
    version = VersionField()

    def __init__(self, data: Any, *, access: Access, person: Person) -> None:
        super().__init__(data, access=access, tenant=person.tenant, person=person)
        self.initial["version"] = version_of(values_of(person))
