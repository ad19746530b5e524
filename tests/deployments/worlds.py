"""Random worlds of computers, authors and deployments, for what has to agree whichever side it is asked from."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from computers.deployments.models import Deployment
from computers.models import Computer
from rbac.models import Role
from rbac.switches import SwitchKey
from tenancy.models import Tag, Tenant
from tests import factories
from tests.deployments.factories import CrossTenantDeploymentFactory, DeploymentComputerFactory, TenantDeploymentFactory
from tests.share_factories import ScriptShareFactory, SoftwareShareFactory

TYPES = ("workstation", "portable", "server", "domain_controller")
ROLES = (
    *("msp_administrator", "msp_user", "tenant_administrator", "tenant_user", "deployment_manager"),
    *("cross_tenant_deployment_manager", "script_manager"),
)
SCOPES = ("owner", "msp", "tag", "tenant", "own_tenant")
TAKEN = ("computers:view", "deployments:manage_single_tenant", "deployments:manage_cross_tenant", "scripts:run")
NAMES = ("mara", "sam", "kim")


class RandomWorld:
    """Two MSPs with customers, one below the other; a dozen authors, and deployments of every kind of target."""

    def __init__(self, seed: int, deployments: int = 40) -> None:
        self.draw = random.Random(seed)
        self.one, self.other = factories.MspFactory(), factories.MspFactory()
        customers = [factories.TenantFactory(parent=each) for each in (self.one, self.one, self.other)]
        below = factories.TenantFactory(parent=customers[0])
        nested = factories.MspFactory(parent=self.one)
        of_nested = factories.TenantFactory(parent=nested)
        self.tenants = [self.one, self.other, *customers, below, nested, of_nested]
        owners = [None, None, self.one, customers[0]]
        self.tags: list[Tag] = [factories.TagFactory(tenant=owner) for owner in owners]
        self.computers = [self._computer() for _ in range(24)]
        for tag in self.tags:
            for tenant in self._some(self._allowed(tag), 2):
                factories.TenantTagFactory(tag=tag, tenant=tenant)
        self.software = [factories.SoftwareFactory(tenant=owner) for owner in (None, *self.tenants)]
        self.versions = [factories.ScriptFactory(tenant=owner).versions.get() for owner in (None, *self.tenants)]
        self.authors = [self._owner_of_all(), *(self._author() for _ in range(11))]
        self.deployments = [self._deployment() for _ in range(deployments)]
        for key in (SwitchKey.DEPLOYMENTS, SwitchKey.TERMINAL_AND_SCRIPTS):
            if self.draw.random() < 0.5:
                factories.SwitchFactory(key=key, tenant=self.draw.choice([None, *self.tenants]), enabled=False)
        if self.draw.random() < 0.3:
            factories.SwitchFactory(key=SwitchKey.CHANGE_REQUESTS, enabled=True)

    def _some(self, things: list[Any], most: int) -> list[Any]:
        return self.draw.sample(things, min(len(things), self.draw.randint(0, most)))

    def _allowed(self, tag: Tag) -> list[Tenant]:
        """The tenants that may bear it."""
        return [each for each in self.tenants if tag.tenant_id is None or tag.tenant_id in each.path]

    def _computer(self) -> Computer:
        tenant = self.draw.choice(self.tenants)
        computer = factories.ComputerFactory(tenant=tenant, type=self.draw.choice(TYPES))
        for tag in self._some([each for each in self.tags if tenant in self._allowed(each)], 2):
            factories.ComputerTagFactory(tag=tag, computer=computer)
        if self.draw.random() < 0.4:
            factories.AgentFactory(computer=computer, people=self._some(list(NAMES), 2))
        if self.draw.random() < 0.1:
            Computer.objects.filter(pk=computer.pk).update(deleted_at=timezone.now())
        return computer

    # Authors

    def _owner_of_all(self) -> User:
        """So that something is reached in each world; scripts on what is no server."""
        author: User = factories.UserFactory(tenant=self.one)
        runs = factories.RoleFactory(permissions=["scripts:run"], deny_only=True)
        servers = {"computer_scope": "type", "computer_type": "servers"}
        factories.RoleAssignmentFactory(user=author, role=runs, effect="deny", scope="owner", **servers)
        factories.RoleAssignmentFactory(user=author, role=self._role("msp_administrator"), scope="owner")
        return author

    def _author(self) -> User:
        home = self.draw.choice([*[self.one, self.other] * 5, *self.tenants])
        author: User = factories.UserFactory(tenant=home, is_active=self.draw.random() < 0.9)
        strong = {"role": self._role("msp_administrator"), **self._scope("owner", "owner", "msp")}
        own = strong if self.draw.random() < 0.6 else {"role": self._role(*ROLES), **self._scope(*SCOPES)}
        factories.RoleAssignmentFactory(user=author, **own)
        for _ in range(self.draw.randint(0, 2)):
            group = factories.GroupFactory(tenant=None)
            leaves = self.draw.choice([None, timezone.now() + timedelta(days=1)])
            factories.GroupMembershipFactory(group=group, user=author, expires_at=leaves)
            factories.RoleAssignmentFactory(group=group, role=self._role(*ROLES), **self._scope(*SCOPES))
        if self.draw.random() < 0.2:
            role = factories.RoleFactory(permissions=sorted(self._some(list(TAKEN), 3) or TAKEN[:1]), deny_only=True)
            factories.RoleAssignmentFactory(user=author, role=role, effect="deny", **self._scope("tag", "tenant"))
        for share, things in ((SoftwareShareFactory, self.software), (ScriptShareFactory, self.versions)):
            if self.draw.random() < 0.3:
                thing = self.draw.choice(things)
                share(user=author, content_object=getattr(thing, "script", thing))
        return author

    def _role(self, *keys: str) -> Role:
        return Role.objects.get(key=self.draw.choice(keys))

    def _scope(self, *kinds: str) -> dict[str, Any]:
        kind = self.draw.choice(kinds)
        where: dict[str, Any] = {"scope": kind}
        if kind == "msp":
            where["tenant"] = self.draw.choice([each for each in self.tenants if each.is_msp])
        elif kind == "tag":
            where["tag"] = self.draw.choice(self.tags)
        elif kind == "tenant":
            where["tenant"] = self.draw.choice(self.tenants)
        if kind in ("tenant", "own_tenant"):
            where["include_children"] = self.draw.random() < 0.5
        return {**where, **self._narrowing(("all", "all", "all", "all", "all", "computer", "tag", "type"))}

    def _narrowing(self, kinds: tuple[str, ...]) -> dict[str, Any]:
        kind = self.draw.choice(kinds)
        what = {
            "all": {},
            "computer": {"computer": self.draw.choice(self.computers)},
            "tag": {"computer_tag": self.draw.choice(self.tags)},
            "type": {
                "computer_type": self.draw.choice(("workstations_and_portables", "servers", "domain_controllers"))
            },
        }
        return {"computer_scope": kind, **what[kind]}

    # Deployments

    def _deployment(self) -> Deployment:
        target = self.draw.choice(("individual", "tenant", "children", "msp", "tag", "owner"))
        owner = self._owner(target)
        said: dict[str, Any] = {
            "target": target,
            "tenant": owner,
            "saved_by": self.draw.choice([*self.authors, *self.authors[:1] * 5]),
        }
        said["is_enabled"] = self.draw.random() < 0.9
        if target == "tag":
            said["tag"] = self.draw.choice(self.tags)
        if self.draw.random() < 0.4:
            versions = [each for each in self.versions if each.script.tenant_id in (None, owner and owner.pk)]
            said |= {"state": "run", "software": None, "script_version": self.draw.choice(versions)}
        else:
            said["software"] = self.draw.choice([each for each in self.software if each.tenant in (None, owner)])
        if target != "individual":
            said |= self._narrowing(("all", "all", "tag", "type"))
            return (TenantDeploymentFactory if target == "tenant" else CrossTenantDeploymentFactory)(**said)
        made = TenantDeploymentFactory(**said, people=self._some(list(NAMES), 2))
        for computer in self._some(self.computers, 4):
            DeploymentComputerFactory(deployment=made, computer=computer)
        return made

    def _owner(self, target: str) -> Tenant | None:
        if target == "owner":
            return None
        if target == "msp":
            return self.draw.choice([each for each in self.tenants if each.is_msp])
        return self.draw.choice([None, *self.tenants] if target == "tag" else self.tenants)
