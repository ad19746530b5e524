"""A reader who holds everything, so that the gallery needs neither database nor sign-in."""

from types import SimpleNamespace as Thing


def everybody(get_response):
    def middleware(request):
        request.user = Thing(name="Marcus Oyelaran", is_authenticated=True, tenant=Thing(name="Contoso MSP"))
        request.access = Thing(holds=lambda permission: True)
        return get_response(request)

    return middleware
