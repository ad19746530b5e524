"""The oracle's own table of permissions against the product's: two people wrote it down, once each."""

from rbac.permissions import Permission
from rbac.roles import BUILT_IN_ROLES
from rbac.switches import SwitchKey
from tests.oracle import naive
from tests.oracle.catalogue import BUILT_IN, CATALOGUE, permissions_of


def test_every_permission_has_its_line():
    assert {str(permission) for permission in Permission} == set(CATALOGUE)


def test_the_facts_of_each_permission_agree():
    product = {
        str(p): (str(p.spec.scoping), p.spec.msp_only, frozenset(map(str, p.spec.depends_on))) for p in Permission
    }
    assert product == {p: (facts.scoping, facts.msp_only, facts.depends_on) for p, facts in CATALOGUE.items()}


def test_the_built_in_roles_agree():
    product = {role.key: (role.name, {str(p) for p in role.permissions}) for role in BUILT_IN_ROLES}
    assert product == {key: (name, permissions_of(key)) for key, name in BUILT_IN.items()}


def test_the_switches_agree():
    """Permissions that are not in the code yet are left out on the oracle's side, as on the product's."""
    product = {
        (str(key), key.spec.default, s.when, frozenset(map(str, s.permissions)), s.kept_by)
        for key in SwitchKey
        for s in key.spec.suspends
    }
    assert product == {
        (key, default, when, frozenset(permissions) & set(CATALOGUE), frozenset(kept_by))
        for key, default, when, permissions, kept_by in naive.SWITCHES
    }


def test_tenants_may_tighten_the_same_switches():
    assert {str(key) for key in SwitchKey if key.spec.tenant_may_tighten} == set(naive.TENANT_SWITCHES)
