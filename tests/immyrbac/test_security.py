"""What every response says, and whose address a request bears."""

import pytest
from django.http import HttpResponse

from immyrbac.security import POLICY, ClientAddressMiddleware, ContentSecurityPolicyMiddleware


def answer(request):
    return HttpResponse(request.META["REMOTE_ADDR"])


def test_every_response_bears_the_policy_and_the_policy_no_exception(rf):
    assert ContentSecurityPolicyMiddleware(answer)(rf.get("/"))["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert "data:" not in POLICY


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [("203.0.113.9", "203.0.113.9"), ("198.51.100.1, 203.0.113.9", "203.0.113.9"), ("", "127.0.0.1")],
)
def test_the_address_is_what_the_proxy_added_last(rf, forwarded, address):
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert ClientAddressMiddleware(answer)(rf.get("/", headers=headers)).content.decode() == address
