"""Narrowing a list to a tenant: with all that stands below it, or without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q

from tenancy.models import Tenant


def alone_field() -> forms.BooleanField:
    return forms.BooleanField(required=False, label="Without tenants below")


def in_tenant(said: Mapping[str, Any]) -> Q:
    """The rows that the filters `tenant` and `alone` leave."""
    tenant: Tenant | None = said["tenant"]
    if tenant is None:
        return Q()
    return Q(tenant=tenant) if said["alone"] else Q(tenant__path__contains=[tenant.pk])


def tenant_in_words(said: Mapping[str, Any], value: object) -> str:
    """How the chip of a tenant reads; empty for what is none."""
    if not isinstance(value, Tenant):
        return ""
    return str(value) if said["alone"] else f"{value} and all below"
