"""Who is mailed of a change request, and their list as CSV."""

import pytest
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from computers.deployments.jobs import send_note
from computers.deployments.models import ChangeRequest, ChangeRequestNote, RequestState
from rbac.permissions import Permission
from tests import factories
from tests.deployments.factories import ChangeRequestFactory
from tests.deployments.proposing import answer, propose
from tests.grants import grant

pytestmark = pytest.mark.django_db
REVIEW = Permission.DEPLOYMENTS_REVIEW_CHANGE_REQUESTS
SITE = "https://immyrbac.test"


def last() -> ChangeRequestNote:
    return ChangeRequestNote.objects.latest("pk")


def queued() -> list[dict]:
    jobs = ProcrastinateJob.objects.filter(task_name="deployments.mail_change_request")
    return [job.args for job in jobs.order_by("pk")]


def test_what_waits_is_mailed_to_whoever_may_review_it_and_not_to_its_sender(client, people, mailoutbox):
    here, elsewhere = factories.UserFactory(tenant=people.contoso), factories.UserFactory(tenant=people.tailspin)
    grant(here, REVIEW, scope="tenant", tenant=people.contoso)
    grant(elsewhere, REVIEW, scope="own_tenant")
    assert propose(client, people.dana, people).status_code == 302
    assert queued() == [{"note": last().pk, "site": "http://testserver"}]
    send_note(last().pk, SITE)
    (mail,) = mailoutbox
    assert (mail.to, set(mail.bcc)) == ([], {here.email, people.marcus.email})
    assert mail.subject == "To review: Backup for all"
    asked = ChangeRequest.objects.get()
    for said in ("Dana Whitfield asks", "Everybody asks for it", f"{SITE}/change-requests/{asked.pk}/"):
        assert said in mail.body


@pytest.mark.parametrize(
    ("act", "said"), [("approve", "was approved"), ("deny", "was denied"), ("return", "was sent back")]
)
def test_what_came_of_it_is_mailed_to_whoever_sent_it(client, people, mailoutbox, act, said):
    propose(client, people.dana, people)
    assert answer(client, people.marcus, act).status_code == 302
    assert len(queued()) == 2
    send_note(last().pk, SITE)
    (mail,) = mailoutbox
    assert (mail.to, mail.bcc) == ([people.dana.email], [])
    assert said in mail.body
    assert "by Marcus Oyelaran" in mail.body
    assert "Because" in mail.body


def test_nobody_is_mailed_of_what_stands_otherwise_by_now(client, people, mailoutbox):
    propose(client, people.dana, people)
    sent = last()
    answer(client, people.marcus, "return")
    send_note(sent.pk, SITE)
    returned = last()
    ChangeRequest.objects.update(state=RequestState.OPEN)
    send_note(returned.pk, SITE)
    send_note(99_999, SITE)
    assert mailoutbox == []


def test_who_may_no_longer_see_it_hears_nothing_of_it(client, people, mailoutbox):
    propose(client, people.dana, people)
    answer(client, people.marcus, "deny")
    people.dana.role_assignments.update(ended_at=timezone.now())
    send_note(last().pk, SITE)
    assert mailoutbox == []


def test_a_refused_act_mails_nobody(client, people):
    propose(client, people.marcus, people)
    assert answer(client, people.marcus, "approve").status_code == 403
    assert len(queued()) == 1


def test_the_export_is_the_list(client, people):
    of, decided = {"tenant": people.contoso, "asked_by": people.dana}, {"decided_by": people.marcus}
    ChangeRequestFactory(name="First", **of)
    ChangeRequestFactory(name="Second", **of, state="denied", decided_at=timezone.now(), **decided)
    ChangeRequestFactory(name="Hidden", tenant=people.tailspin, asked_by=people.theo)
    client.force_login(people.dana)
    for query in ({}, {"state": "denied"}, {"sort": "name"}):
        rows = client.get(reverse("deployments:change-request-list"), query).context["listing"].rows
        answered = client.get(reverse("deployments:change-request-export"), query)
        lines = b"".join(answered).decode().splitlines()[1:]
        assert [line.split(",")[0] for line in lines] == [row.name for row in rows]
    assert ",Denied" in lines[1]
