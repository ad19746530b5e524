"""`import_legacy`: shows, writes when told to, and takes back."""

import json

import pytest

from accounts.models import User
from rbac.models import AuditEntry, RoleAssignment
from tests.commands.shell import run
from tests.legacy.town import CAREFUL, EVERYBODY, PREFERENCES, content, line, town
from tests.source import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return town()


@pytest.fixture
def tell(tmp_path):
    """The command on a file of these lines."""

    def telling(*lines, preferences=PREFERENCES, options=()):
        users, said = tmp_path / "users.csv", tmp_path / "preferences.json"
        users.write_bytes(content(*lines))
        said.write_text(json.dumps({str(key): on for key, on in preferences.items()}))
        return run("import_legacy", str(users), "--preferences", str(said), *options)

    return telling


def test_nothing_is_written_unless_told_to(here, tell):
    ran = tell(*EVERYBODY, options=("--actor", here.olga.email))
    assert ran.code == 0
    assert ran.err == "Nothing is written yet: --actor EMAIL --apply --expected-count 5\n"
    assert (User.objects.count(), RoleAssignment.objects.count(), AuditEntry.objects.count()) == (1, 1, 0)


def test_the_table_for_people(here, tell):
    out = tell(*EVERYBODY, preferences=CAREFUL).out
    assert "MSP non-admin, manages cross-tenant deployments, 1 person" in out
    assert "  See tenants " in out
    cell = next(each.split("  ") for each in out.splitlines() if each.startswith("  Edit scripts"))
    assert [part.strip() for part in cell if part] == ["Edit scripts", "every tenant", "every tenant", "equal"]
    assert "  eli@fabrikam.test: May act as Tenant User on all computers of their own tenant" in out
    assert "  ada@contoso.test: new account of Somebody in Contoso" in out
    assert "Turn off “Allow Non-Admins" in out
    assert "Gains great power: ada@contoso.test" in out


def test_the_table_for_programs(here, tell):
    said = json.loads(tell(*EVERYBODY, options=("--json",)).out)
    assert {cell["verdict"] for profile in said["profiles"] for cell in profile["cells"]} == {"equal", "explained"}
    assert said["people"][4] == {
        "line": 6,
        "email": "eli@fabrikam.test",
        "tenant": "fabrikam",
        "is_new": True,
        "profile": 4,
        "gives": [
            f"May act as {role} on all computers of their own tenant"
            for role in ("Tenant User", "Script Manager", "Computer Terminal User")
        ],
        "there": [],
        "differing": [],
    }


def test_writing_and_taking_back(here, tell):
    ran = tell(*EVERYBODY, options=("--actor", here.olga.email, "--apply", "--expected-count", "5"))
    entry = AuditEntry.objects.get()
    assert (ran.code, entry.actor, entry.target_label) == (0, here.olga, "users.csv")
    assert f"Written as run {entry.pk}. To take it back: --undo {entry.pk} --actor EMAIL" in ran.err
    again = tell(*EVERYBODY, options=("--actor", here.olga.email, "--apply"))
    assert (again.code, again.err) == (0, "")
    assert "Nothing to write: all of it is here." in again.out
    back = run("import_legacy", "--undo", str(entry.pk), "--actor", here.olga.email)
    assert "Ended: Somebody: May act as MSP User on all computers of every tenant" in back.lines
    assert "Removed: Somebody" in back.lines
    assert User.objects.present().count() == 1
    back = run("import_legacy", "--undo", str(entry.pk), "--actor", here.olga.email, "--json")
    assert json.loads(back.out)["ended"] == []
    assert "Nothing was left to take back." not in back.err


def test_every_error_is_told_and_nothing_written(here, tell):
    options = ("--actor", here.olga.email, "--apply")
    ran = tell(line("a@x.test", tenant="nowhere"), line("wrong"), line("ok@x.test"), options=options)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines() == [
        "line 2, tenant: “nowhere”: There is no such tenant.",
        "line 3, email: Enter a valid email address.",
        "Nothing is written.",
    ]
    assert User.objects.count() == 1


def test_preferences_and_users_are_told_together(here, tell):
    ran = tell(line("wrong"), preferences={})
    assert "preferences.json, line 1, require_change_requests: Say how it stood, true or false." in ran.err
    assert "users.csv, line 2, email: Enter a valid email address." in ran.err


@pytest.mark.parametrize("options", [(), ("--apply",)], ids=["shown", "written"])
def test_whoever_may_not_is_told_why(here, tell, options):
    ran = tell(*EVERYBODY, options=("--actor", "nobody@x.test"))
    assert (ran.code, ran.err) == (2, 'No user "nobody@x.test".')
    plain = User.objects.create(email="plain@x.test", name="Plain", tenant=here.fabrikam)
    ran = tell(*EVERYBODY, options=("--actor", plain.email, "--expected-count", "5", *options))
    assert ran.code == 1
    assert "This takes Manage Users on" in ran.err or "no longer there" in ran.err
    assert User.objects.count() == 2


def test_what_it_needs(here, tell, tmp_path):
    assert run("import_legacy").code == 2
    assert "Say who does it" in tell(*EVERYBODY, options=("--apply",)).err
    assert "Say who does it" in run("import_legacy", "--undo", "1").err
    assert "takes a run, and no file" in tell(options=("--undo", "1", "--actor", here.olga.email)).err
    assert "There is no run 7." in run("import_legacy", "--undo", "7", "--actor", here.olga.email).err
    missing = run("import_legacy", str(tmp_path / "no"), "--preferences", str(tmp_path / "no"))
    assert (missing.code, "No such file" in missing.err) == (2, True)


def test_the_example_of_the_documents(here):
    examples = ROOT / "docs/examples"
    ran = run("import_legacy", str(examples / "old-users.csv"), "--preferences", str(examples / "old-preferences.json"))
    assert ran.code == 0
    assert "  tara.fields@fabrikam.example: new account of Tara Fields in Fabrikam" in ran.lines
