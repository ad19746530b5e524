"""Software and licenses of the demo, for visits."""

from typing import Any

from accounts.models import User
from computers.models import LibraryItem, License, Script, Software, SoftwareFile
from rbac.shares import shareable
from tenancy.models import Tenant
from tests.browser.visit import Named, Visit
from tests.sharing import share


def _fabrikam() -> dict[str, Any]:
    return {"pk": Tenant.objects.get(slug="fabrikam").pk}


def license_of(**owner: Any) -> Named:
    return lambda: {"pk": License.objects.filter(**owner).order_by("name", "pk")[0].pk}


def software_of(**owner: Any) -> Named:
    return lambda: {"pk": Software.objects.filter(**owner).order_by("name", "pk")[0].pk}


def software_file() -> dict[str, Any]:
    file = SoftwareFile.objects.order_by("software__name", "name")[0]
    return {"pk": file.software_id, "token": file.token}


def rewritten_script() -> dict[str, Any]:
    """With a second version."""
    script = Script.objects.filter(tenant=None).order_by("name")[0]
    if script.versions.count() == 1:
        script.body = f"{script.body}\nWrite-Output 'Done'\n"
        script.save()
    return {"pk": script.pk}


def former_script() -> dict[str, Any]:
    return {**rewritten_script(), "number": 1}


def share_of(model: type[LibraryItem]) -> Named:
    """A share of the first item of the instance."""

    def named() -> dict[str, Any]:
        item = model._default_manager.filter(tenant=None).order_by("name", "pk")[0]
        dana, grace = (User.objects.get(email__startswith=name) for name in ("dana", "grace"))
        live = item.shares.filter(ended_at=None).first()  # type: ignore[attr-defined]  # each kind has them
        found = live or share(item, grace, shareable(model)[0], by=dana)
        return {"pk": item.pk, "share": found.pk}

    return named


def shared(model: type[LibraryItem]) -> Named:
    return lambda: {"pk": share_of(model)()["pk"]}


def script_of(**owner: Any) -> Named:
    return lambda: {"pk": Script.objects.filter(**owner).order_by("name", "pk")[0].pk}


SHARES = [
    visit
    for model in (License, Script, Software)
    for kind in [model._meta.model_name]
    for visit in (
        Visit(f"computers:{kind}-share-list", "Jonas", shared(model)),
        Visit(f"computers:{kind}-share-create", "Jonas", shared(model)),
        Visit(f"computers:{kind}-share-end", "Jonas", share_of(model)),
    )
]

LIBRARY = [
    *SHARES,
    Visit("computers:license-list", "Jonas"),
    Visit("computers:license-list", "Grace"),
    Visit("computers:license-detail", "Jonas", license_of(tenant=None)),
    Visit("computers:license-detail", "Rosa", license_of(name="Drawing Tools")),
    Visit("computers:license-computers", "Jonas", license_of(tenant=None)),
    Visit("computers:license-computers", "Grace", license_of(tenant=None)),
    Visit("computers:license-start", "Jonas"),
    Visit("computers:license-create", "Jonas", _fabrikam),
    Visit("computers:license-create-shared", "Jonas"),
    Visit("computers:license-edit", "Jonas", license_of(tenant=None)),
    Visit("computers:license-delete", "Jonas", license_of(tenant=None)),
    Visit("computers:software-list", "Jonas"),
    Visit("computers:software-list", "Grace"),
    Visit("computers:software-detail", "Jonas", software_of(tenant=None)),
    Visit("computers:software-start", "Jonas"),
    Visit("computers:software-create", "Jonas", _fabrikam),
    Visit("computers:software-create-shared", "Jonas"),
    Visit("computers:software-edit", "Jonas", software_of(tenant=None)),
    Visit("computers:software-delete", "Jonas", software_of(tenant=None)),
    Visit("computers:software-file-add", "Jonas", software_of(tenant=None)),
    Visit("computers:software-file-remove", "Jonas", software_file),
]
