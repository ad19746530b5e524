"""Reports count what their reader may see of the tenants that the permission covers, and nothing else."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from computers.models import Computer
from immyrbac.exports import STOPPED
from rbac.access import access_for
from rbac.permissions import Permission, closure
from rbac.reports.kinds import REPORTS
from tests import factories
from tests.deployments.factories import TenantDeploymentFactory
from tests.factories import ComputerFactory, LicenseFactory, RoleAssignmentFactory, RoleFactory, SoftwareFactory
from tests.grants import deny, end, grant
from tests.reports.shown import addresses, as_csv, as_sheet, cells, charts, figures, numbers, report
from tests.story import tell

pytestmark = pytest.mark.django_db
VIEW, SYSTEM, EXPORT = Permission.REPORTS_VIEW, Permission.REPORTS_VIEW_SYSTEM, Permission.REPORTS_EXPORT


@pytest.fixture
def story(db):
    return tell()


@pytest.fixture
def signed_in(client):
    def of(user):
        client.force_login(user)
        return client

    return of


def seen(computer: Computer, ago: timedelta | None) -> None:
    Computer.objects.filter(pk=computer.pk).update(last_seen_at=None if ago is None else timezone.now() - ago)


def test_computers_by_type_tenant_and_last_seen(story, signed_in):
    for computer, ago in ((story.dc01, 0), (story.laptop, 3), (story.press, 12), (story.bikes, 80)):
        seen(computer, timedelta(days=ago))
    seen(ComputerFactory(tenant=story.logistics, type="server"), None)
    answer = report(signed_in(story.marcus), "computers", whole=True)
    assert numbers(answer, "by-type") == {"Domain controllers": 1, "Portables": 1, "Servers": 3}
    assert numbers(answer, "by-tenant") == {
        "Fabrikam": 2,
        "Northwind": 1,
        "Adventure Works": 1,
        "Fabrikam Logistics": 1,
    }
    assert numbers(answer, "by-last-seen") == {
        "Last 24 hours": 1, "1–7 days": 1, "7–30 days": 1, "Longer ago": 1, "Never": 1
    }  # fmt: skip
    assert figures(answer)["Computers"] == 5


def test_a_tenant_user_counts_their_own_tenant_and_learns_no_other_name(story, signed_in):
    answer = report(signed_in(story.grace), "computers")
    assert numbers(answer, "by-tenant") == {"Fabrikam": 2}
    assert "Northwind" not in answer.content.decode()


def test_deleted_computers_are_counted_by_nobody(story, signed_in):
    Computer.objects.filter(pk=story.dc01.pk).update(deleted_at=timezone.now())
    assert figures(report(signed_in(story.marcus), "computers", whole=True))["Computers"] == 3


def test_a_report_comes_and_goes_with_its_permission_and_takes_no_neighbour(story, signed_in):
    reader = factories.UserFactory(tenant=story.contoso)
    client = signed_in(reader)
    grant(reader, Permission.COMPUTERS_VIEW, scope="owner")
    assert report(client, "computers").status_code == 403
    row = grant(reader, VIEW, scope="tenant", tenant=story.northwind)
    assert numbers(report(client, "computers"), "by-tenant") == {"Northwind": 1}
    end(row)
    assert report(client, "computers").status_code == 403


def test_what_a_deny_hides_is_in_no_figure_of_the_whole_system_either(story, signed_in):
    client = signed_in(story.marcus)
    assert figures(report(client, "computers", whole=True))["Computers"] == 4
    deny(story.marcus, Permission.COMPUTERS_VIEW, scope="tenant", tenant=story.northwind)
    answer = report(client, "computers", whole=True)
    assert figures(answer)["Computers"] == 3
    assert "Northwind" not in numbers(answer, "by-tenant")


def test_the_whole_system_takes_its_own_permission_at_owner(story, signed_in):
    assert report(signed_in(story.dana), "computers").status_code == 200  # MSP User at her MSP
    assert report(signed_in(story.dana), "computers", whole=True).status_code == 403
    assert report(signed_in(story.hugo), "computers", whole=True).status_code == 200


@pytest.mark.parametrize("kind", ["computers", "licenses", "access"])
def test_every_number_with_a_link_is_the_number_of_the_list_behind_it(story, signed_in, kind):
    for computer, ago in ((story.dc01, 0), (story.laptop, 3), (story.press, 12)):
        seen(computer, timedelta(days=ago))
    LicenseFactory(tenant=story.fabrikam, expires_on=timezone.localdate() + timedelta(days=3))
    LicenseFactory(tenant=None)
    client = signed_in(story.marcus)
    found = addresses(report(client, kind, whole=True))
    assert len(found) > 5
    assert {address: client.get(address).context["listing"].total.count for address in found} == found


@pytest.mark.parametrize("kind", ["computers", "licenses", "access"])
def test_a_report_that_leaves_out_what_the_list_has_links_to_no_list(story, signed_in, kind):
    reader = factories.UserFactory(tenant=story.contoso)
    for permission in (
        Permission.COMPUTERS_VIEW,
        Permission.LICENSES_VIEW,
        Permission.ROLES_VIEW,
        Permission.USERS_VIEW,
    ):
        grant(reader, permission, scope="owner")
    grant(reader, VIEW, scope="tenant", tenant=story.fabrikam)
    LicenseFactory(tenant=story.fabrikam)
    LicenseFactory(tenant=story.northwind)
    assert addresses(report(signed_in(reader), kind)) == {}


def test_narrowed_to_a_tenant_it_counts_that_with_all_below(story, signed_in):
    ComputerFactory(tenant=story.logistics)
    answer = report(signed_in(story.marcus), "computers", query=f"?tenant={story.fabrikam.pk}")
    assert numbers(answer, "by-tenant") == {"Fabrikam": 2, "Fabrikam Logistics": 1}
    assert charts(answer)["by-type"].total == 3


def test_a_tenant_out_of_view_is_as_lost_as_one_that_is_not_there(story, signed_in):
    client = signed_in(story.grace)
    hidden, missing = (report(client, "computers", query=f"?tenant={pk}") for pk in (story.northwind.pk, 2_000_000_000))
    assert (hidden.status_code, missing.status_code) == (400, 400)
    assert "Northwind" not in hidden.content.decode()


def test_licenses_by_end_owner_and_software(story, signed_in):
    suite, today = SoftwareFactory(name="Suite", tenant=None), timezone.localdate()
    LicenseFactory(tenant=story.fabrikam, software=suite, seats=40, expires_on=today + timedelta(days=3))
    LicenseFactory(tenant=story.fabrikam, seats=None, expires_on=today - timedelta(days=3))
    LicenseFactory(tenant=None, software=suite, seats=2, expires_on=None)
    answer = report(signed_in(story.marcus), "licenses", whole=True)
    assert numbers(answer, "by-end") == {"Expired": 1, "Within 30 days": 1, "No end": 1}
    assert numbers(answer, "by-owner") == {"Fabrikam": 2, "The instance": 1}
    assert numbers(answer, "by-software") == {"Suite": 42}
    # Of tenants alone: what the instance owns belongs to the whole system.
    assert numbers(report(signed_in(story.rosa), "licenses"), "by-owner") == {"Fabrikam": 2}


def test_seats_in_use_are_those_of_the_pages(story, signed_in):
    suite = SoftwareFactory(name="Suite", tenant=None)
    TenantDeploymentFactory(tenant=story.fabrikam, software=suite, saved_by=story.marcus)
    LicenseFactory(name="Of Fabrikam", tenant=story.fabrikam, software=suite, seats=1)
    LicenseFactory(name="Of all", tenant=None, software=suite, seats=2)
    client = signed_in(story.marcus)
    answer = report(client, "licenses", whole=True)
    assert numbers(answer, "by-use") == {"Of Fabrikam": 2, "Of all": 2}
    assert figures(answer)["Licenses with too few seats"] == 1
    for address, number in addresses(answer).items():
        assert client.get(address).context["listing"].total.count == number
    lines = as_csv(client, "licenses", whole=True)
    assert [(line[0], *line[-2:]) for line in lines] == [
        ("Owner", "Seats in use", "Too few"),
        ("Fabrikam", "2", "1"),
        ("The instance", "2", "0"),
    ]
    narrowed = report(client, "licenses", query=f"?tenant={story.northwind.pk}")
    assert numbers(narrowed, "by-use") == {}


def test_who_may_see_none_of_what_it_counts_is_told_why(story, signed_in):
    reader = factories.UserFactory(tenant=story.contoso)
    grant(reader, VIEW, scope="owner")
    client = signed_in(reader)
    assert "you do not hold View Computers" in report(client, "computers").content.decode()
    assert "No report for you yet" in client.get(reverse("rbac:report-list")).content.decode()


def test_the_download_is_a_line_for_each_tenant(story, signed_in):
    lines = as_csv(signed_in(story.hugo), "computers", whole=True)
    assert lines[0][:3] == ["Tenant", "Computers", "Workstations"]
    assert [line[:2] for line in lines[1:]] == [["Adventure Works", "1"], ["Fabrikam", "2"], ["Northwind", "1"]]
    assert as_sheet(signed_in(story.hugo), "computers", whole=True) == lines


def test_downloads_are_narrowed_to_where_one_may_export(story, signed_in):
    reader = factories.UserFactory(tenant=story.contoso)
    grant(reader, Permission.COMPUTERS_VIEW, scope="owner")
    grant(reader, VIEW, scope="owner")
    grant(reader, EXPORT, scope="tenant", tenant=story.northwind)
    assert [line[0] for line in as_csv(signed_in(reader), "computers")[1:]] == ["Northwind"]


def test_reading_the_whole_system_does_not_export_it_nor_the_other_way_round(story, signed_in):
    for one, other in ((SYSTEM, EXPORT), (EXPORT, SYSTEM)):
        reader = factories.UserFactory(tenant=story.contoso)
        role = RoleFactory(permissions=sorted(closure([one]) - {other}))
        RoleAssignmentFactory(user=reader, role=role, scope="owner")
        answer = signed_in(reader).get(reverse("rbac:report-system-export", args=["computers"]))
        assert answer.status_code == 403


def test_no_cell_of_a_download_is_a_formula(story, signed_in):
    story.northwind.name = "=1+1"
    story.northwind.save()
    assert "'=1+1" in {line[0] for line in as_csv(signed_in(story.hugo), "computers", whole=True)}
    answer = signed_in(story.hugo).get(reverse("rbac:report-system-export-sheet", args=["computers"]))
    assert "'=1+1" in {line[0] for line in cells(b"".join(answer))}


@pytest.mark.parametrize("kind", ["computers", "licenses", "access"])
def test_a_download_whose_right_ends_meanwhile_says_so(story, signed_in, rf, kind):
    request = rf.get("/")
    request.access = access_for(story.hugo)
    *_, last = REPORTS[kind].lines(request, lambda: None)
    assert last == [STOPPED]
