"""What the assignment editor shows before, and what great power takes besides."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rbac.models import AuditEntry, Role
from rbac.permissions import Permission, Scoping
from tests.factories import ComputerFactory, RoleFactory, TagFactory, TenantFactory, TenantTagFactory
from tests.people import give, give_group, size
from tests.rbac.editor import HTMX, address, held, post, preview, said

# What it shows before


def test_the_preview_says_what_it_covers_as_the_reader_may_see(client, people):
    below = TenantFactory(name="Litware Labs", parent=people.litware)
    ComputerFactory.create_batch(2, tenant=people.litware)
    ComputerFactory(tenant=below)
    client.force_login(people.olivia)
    shown = preview(client, people.sam)
    assert [figure[1] for figure in shown.context["figures"]] == ["1", "2", str(size("tenant_user"))]
    client.force_login(people.marcus)
    shown = preview(client, people.sam, include_children="on")
    assert [figure[1] for figure in shown.context["figures"]] == ["2", "3", str(size("tenant_user"))]
    counted = client.get(shown.context["figures"][1][2]).context["listing"]
    assert counted.total.count == 3


def test_the_preview_changes_nothing_and_is_silent_until_enough_is_said(client, people):
    client.force_login(people.marcus)
    before = AuditEntry.objects.count()
    shown = client.get(address(people.dana), {"role": ""}, headers=HTMX)
    assert "Choose a role and where it counts" in shown.content.decode()
    preview(client, people.dana, reason="")
    assert (held(people.dana).count(), AuditEntry.objects.count()) == (0, before)


def test_without_a_script_the_whole_page_comes_with_what_was_chosen(client, people):
    client.force_login(people.marcus)
    page = client.get(address(people.dana), said(key="script_manager", reason="Because")).content.decode()
    assert "<h1>" in page
    assert "Gains great power: 1" in page
    assert 'value="Because"' in page
    assert "Nothing was given." not in page


def lines(answer) -> dict[str, str]:
    return {line.text: line.second for line in answer.context["effects"]}


def test_what_a_link_chose_beforehand_stands_there_and_marks_no_mistake(client, people):
    client.force_login(people.marcus)
    answer = client.get(address(people.dana), {"effect": "deny", "scope": "tag", "ends": "days"})
    form = answer.context["form"]
    assert [form[name].value() for name in ("effect", "scope", "ends")] == ["deny", "tag", "days"]
    assert form["computer_scope"].value() == "all"
    assert "This field is required" not in answer.content.decode()


def test_the_preview_names_great_power_and_what_stays_inert(client, people):
    client.force_login(people.marcus)
    shown = lines(preview(client, people.dana, key="script_manager"))
    assert "Great power without an end is rarely needed" in shown["Gains great power: 1"]
    assert "rarely" not in lines(preview(client, people.dana, key="script_manager", ends="day"))["Gains great power: 1"]
    narrow = lines(preview(client, people.dana, computer_scope="type", computer_type="servers"))
    of_role = map(Permission, Role.objects.get(key="tenant_user").permissions)
    inert = sum(permission.spec.scoping == Scoping.TENANT for permission in of_role)
    assert narrow[f"{inert} permissions stay inert here"].startswith("They belong to a tenant")
    assert "You may give this" in narrow


def test_the_preview_says_what_is_already_held(client, people):
    client.force_login(people.marcus)
    give_group(people.desk, "tenant_user", scope="tenant", tenant=people.contoso)
    assert "Everything is already held" in lines(preview(client, people.dana))


def test_the_preview_says_who_is_of_no_msp(client, people):
    client.force_login(people.marcus)
    shown = lines(preview(client, people.sam, key="msp_user", scope="owner"))
    assert any(text.endswith("only for users of an MSP") for text in shown)


def test_the_preview_of_a_deny_says_what_goes(client, people):
    give(people.dana, "script_manager", scope="own_tenant")
    client.force_login(people.marcus)
    shown = lines(preview(client, people.dana, key="script_manager", effect="deny"))
    assert next(iter(shown)) == "Dana will no longer see some of what they see"
    assert "Dana loses 2 permissions" in shown
    assert "Wins over every allow" in shown


def test_the_preview_says_why_it_may_not_be_given_and_has_no_button(client, people):
    client.force_login(people.olivia)
    strong = Role.objects.get(key="script_manager")
    answer = preview(client, people.sam, role=strong.pk)
    assert "You may not give this" in lines(answer)
    assert 'class="btn primary"' not in answer.content.decode()


def test_the_end_is_bounded_by_the_givers_own(client, people):
    until = timezone.now() + timedelta(days=2)
    people.olivia.access_expires_at = until
    people.olivia.save(update_fields=["access_expires_at"])
    client.force_login(people.olivia)
    answer = client.get(address(people.sam))
    assert [value for value, _ in answer.context["form"].fields["ends"].choices] == ["hour", "day", "date"]
    assert "Your own access ends" in answer.content.decode()
    assert post(client, people.sam, ends="never").status_code == 422
    later = {"ends": "date", "ends_at": (until + timedelta(hours=1)).isoformat()}
    assert any("can end no later" in second for second in lines(preview(client, people.sam, **later)).values())
    assert post(client, people.sam, **later).status_code == 403
    shown = preview(client, people.sam, ends="day")
    assert "You may give this" in lines(shown)
    assert 'id="id_ends_helptext" hx-swap-oob="true"' in shown.content.decode()
    assert post(client, people.sam, ends="day").status_code == 302


# Great power


def test_great_power_takes_the_persons_name(client, people):
    client.force_login(people.marcus)
    asked = post(client, people.dana, key="script_manager", ends="days")
    assert asked.status_code == 200
    assert "Give great power to Dana Whitfield?" in asked.content.decode()
    assert not held(people.dana).exists()
    wrong = post(client, people.dana, key="script_manager", ends="days", confirmation="Dana")
    assert (wrong.status_code, held(people.dana).exists()) == (422, False)
    repeated = dict(asked.context["repeated"])
    assert repeated["reason"] == "INC-7"
    given = client.post(address(people.dana), {**repeated, "confirmation": "dana  WHITFIELD"})
    assert given.status_code == 302
    assert held(people.dana).get().role.key == "script_manager"


def test_with_htmx_the_question_opens_in_the_dialog(client, people):
    client.force_login(people.marcus)
    answer = client.post(address(people.dana), said(key="script_manager"), headers=HTMX)
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#dialog", "innerHTML")
    invalid = client.post(address(people.dana), said(reason=""), headers=HTMX)
    assert (invalid.status_code, invalid["HX-Retarget"]) == (422, "#editor")


def test_what_is_held_already_is_no_new_power(client, people):
    give(people.dana, "script_manager", scope="owner")
    client.force_login(people.marcus)
    assert post(client, people.dana, key="script_manager").status_code == 302


def test_queries_do_not_grow_with_what_there_is(client, people):
    client.force_login(people.marcus)
    tag = TagFactory(name="Gold")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address(people.dana), said(scope="tag", tag=tag.pk)).status_code == 200
        return len(captured)

    queries()
    few = queries()
    for tenant in TenantFactory.create_batch(25, parent=people.contoso):
        TenantTagFactory(tenant=tenant, tag=tag)
        ComputerFactory(tenant=tenant)
        TagFactory(tenant=tenant)
        RoleFactory(tenant=tenant)
    assert queries() == few
