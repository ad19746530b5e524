"""How tenants and tags read as options of a combobox."""

from tenancy.models import Tag, Tenant


def describe_tenant(tenant: Tenant) -> dict[str, object]:
    return {"marks": "msp" if tenant.is_msp else ""}


def describe_tag(tag: Tag) -> dict[str, object]:
    return {"help": f"of {tag.tenant}" if tag.tenant else "of the instance"}
