"""What the database itself holds of people who use computers, also against raw SQL (design 8)."""

import pytest

from tests import factories
from tests.integrity.sql import refused_by, run


@pytest.fixture
def mara(db):
    user = factories.UserFactory(email="mara@example.com")
    said = {"email": "mara@example.com", "login": "mara"}
    return factories.PersonFactory(name="Mara", tenant=user.tenant, user=user, **said)


@pytest.mark.parametrize(
    ("said", "rule"), [({"email": "mara@example.com"}, "person_email_once"), ({"login": "mara"}, "person_login_once")]
)
def test_an_address_and_a_name_on_computers_are_one_persons_of_a_tenant(mara, said, rule):
    factories.PersonFactory(**said)
    other = factories.PersonFactory(tenant=mara.tenant)
    factories.PersonFactory(tenant=mara.tenant)  # nor has this one any
    (column, value), *_ = said.items()
    with refused_by(rule):
        run(f"UPDATE accounts_person SET {column} = %s WHERE id = %s", value, other.id)


@pytest.mark.parametrize("email", ["Mara@example.com", "mara @example.com"])
def test_an_address_has_its_normal_form(mara, email):
    with refused_by("person_email_normal"):
        run("UPDATE accounts_person SET email = %s", email)


def test_an_account_is_one_persons(mara):
    other = factories.PersonFactory(tenant=mara.tenant)
    with refused_by("accounts_person_user_id_key"):
        run("UPDATE accounts_person SET user_id = %s WHERE id = %s", mara.user_id, other.id)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_person SET tenant_id = {elsewhere}",
        "UPDATE accounts_user SET tenant_id = {elsewhere}",
        "UPDATE accounts_user SET removed_at = now(), is_active = false",
    ],
)
def test_a_persons_account_is_of_their_tenant_and_not_removed(mara, statement):
    with refused_by("person_account_is_at_home"):
        run(statement.format(elsewhere=factories.TenantFactory().pk))
    run("UPDATE accounts_person SET user_id = NULL")
    run(statement.format(elsewhere=factories.TenantFactory().pk))


def test_a_computer_names_somebody_once_and_one_primary_person(mara):
    computer = factories.ComputerFactory(tenant=mara.tenant)
    factories.ComputerPersonFactory(computer=computer, person=mara, is_primary=True)
    other = factories.PersonFactory(tenant=mara.tenant)
    with refused_by("computer_person_once"):
        factories.ComputerPersonFactory(computer=computer, person=mara)
    factories.ComputerPersonFactory(computer=computer, person=other)
    with refused_by("computer_has_one_primary_person"):
        run("UPDATE computers_computerperson SET is_primary = true")


@pytest.mark.parametrize("table", ["accounts_person", "computers_computer"])
def test_a_computer_is_used_by_people_of_its_tenant(mara, table):
    run("UPDATE accounts_person SET user_id = NULL")
    computer = factories.ComputerFactory(tenant=mara.tenant)
    factories.ComputerPersonFactory(computer=computer, person=mara)
    with refused_by("computer_person_of_its_tenant"):
        run(f"UPDATE {table} SET tenant_id = %s", factories.TenantFactory().pk)
    with refused_by("computer_person_of_its_tenant"):
        factories.ComputerPersonFactory(person=mara, computer=factories.ComputerFactory())
