"""Computers, scripts and the audit log in a browser: every page in every look, and what people do there."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from computers.models import Computer
from rbac.audit import Actor, record
from rbac.models import Role
from rbac.permissions import Permission
from tests.factories import GroupFactory, GroupMembershipFactory, RoleAssignmentFactory, ScriptFactory
from tests.grants import deny, grant
from tests.story import Story, tell


@pytest.fixture
def story() -> Story:
    story = tell()
    now = timezone.now()
    Computer.objects.filter(pk=story.dc01.pk).update(last_seen_at=now, notes="Rebooted on Sunday.\n\nKeep it that way.")
    Computer.objects.filter(pk=story.press.pk).update(last_seen_at=now - timedelta(days=3), os="Windows Server 2022")
    desk = GroupFactory(name="Service Desk", tenant=story.contoso)
    GroupMembershipFactory(group=desk, user=story.dana)
    RoleAssignmentFactory(group=desk, role=Role.objects.get(key="msp_user"), scope="msp", tenant=story.contoso)
    deny(
        story.dana, Permission.COMPUTERS_MANAGE, scope="tenant", tenant=story.fabrikam, reason="Change freeze CHG-4471"
    )
    grant(story.grace, Permission.COMPUTERS_MANAGE_NOTES, scope="own_tenant", expires_at=now + timedelta(days=3))
    script = ScriptFactory(
        name="Clear print queue", body="Stop-Service Spooler\nRemove-Item $queue\nStart-Service Spooler"
    )
    said = {"before": {"os": "", "tags": ["HQ"]}, "after": {"os": "Windows Server 2025", "tags": ["Tier 0", "Branch"]}}
    record(
        Actor(story.dana, request_id="5c1e40b7", address="203.0.113.24"),
        "computer.edited",
        target=story.dc01,
        tenant=story.fabrikam,
        **said,
    )
    record(Actor(story.marcus), "script.created", target=script, after={"name": script.name})
    record(
        Actor(story.dana), "computer.refused", target=story.dc01, tenant=story.fabrikam, after={"act": "computer.moved"}
    )
    return story


@pytest.fixture
def marcus(story, enter) -> Story:
    """The story, read by the owner of the system."""
    enter(story.marcus)
    return story


PAGES = {
    "computers": lambda story: "/computers/",
    "computer": lambda story: f"/computers/{story.dc01.pk}/",
    "computer-who": lambda story: f"/computers/{story.dc01.pk}/who/",
    "computer-who-people": lambda story: f"/computers/{story.dc01.pk}/who/people/",
    "computer-why-deny": lambda story: f"/computers/{story.dc01.pk}/who/users/{story.dana.pk}/computers:manage/",
    "computer-why-allow": lambda story: f"/computers/{story.dc01.pk}/who/users/{story.rosa.pk}/computers:manage/",
    "computer-history": lambda story: f"/computers/{story.dc01.pk}/history/",
    "computer-edit": lambda story: f"/computers/{story.dc01.pk}/edit/",
    "computer-type": lambda story: f"/computers/{story.dc01.pk}/type/",
    "computer-tags": lambda story: f"/computers/{story.dc01.pk}/tags/",
    "computer-move": lambda story: f"/computers/{story.dc01.pk}/move/",
    "computer-delete": lambda story: f"/computers/{story.dc01.pk}/delete/",
    "scripts": lambda story: "/scripts/",
    "script-start": lambda story: "/scripts/new/",
    "script-create": lambda story: "/scripts/new/shared/",
    "audit": lambda story: "/audit/",
    "audit-entry": lambda story: "/audit/1/",
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_can_be_read(page: Page, marcus: Story, axe, shot, name):
    answer = page.goto(PAGES[name](marcus))
    assert answer is not None
    assert answer.status == 200
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    shot(page, name)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
