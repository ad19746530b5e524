"""What a script was at which time: all its versions, one of them, two compared, and one brought back."""

from __future__ import annotations

from functools import partial

from django.core.exceptions import BadRequest
from django.http import HttpResponse

from computers import script_services as services
from computers.forms import CompareForm, ConfirmForm
from computers.models import Script
from computers.script_pages import compared, version_lines, version_of, version_page
from computers.shelves import SCRIPTS
from computers.views.submit import DONE, posted, submit
from immyrbac.http import redirect, render_dialog, render_page, toast
from immyrbac.requests import Request
from rbac.decorators import FORM, requires
from rbac.permissions import Permission


@requires(Permission.SCRIPTS_VIEW, on=Script)
def script_version_list(request: Request, script: Script) -> HttpResponse:
    lines = version_lines(request.access, script)
    context = {"script": script, "lines": lines, "form": CompareForm(None, lines=lines)}
    page = "computers/script_version_list.html"
    return render_page(request, page, page, context)


@requires(Permission.SCRIPTS_VIEW, on=Script)
def script_version_detail(request: Request, script: Script, number: int) -> HttpResponse:
    page = "computers/script_version_detail.html"
    return render_page(request, page, page, version_page(request.access, script, version_of(script, number)))


@requires(Permission.SCRIPTS_VIEW, on=Script)
def script_compare(request: Request, script: Script) -> HttpResponse:
    """Two versions, `before` and `after` by number; without them the last change."""
    lines = version_lines(request.access, script)
    form = CompareForm(request.GET or None, lines=lines)
    if form.is_bound and not form.is_valid():
        raise BadRequest("no such versions")
    said = form.cleaned_data if form.is_bound else form.initial
    numbers = int(said["before"]), int(said["after"])
    page = "computers/script_compare.html"
    return render_page(request, page, page, {**compared(script, *numbers), "form": form})


@requires(Permission.SCRIPTS_MANAGE, on=Script, methods=FORM)
def script_version_restore(request: Request, script: Script, number: int) -> HttpResponse:
    """Brought back as a new version: what stood since is kept as well."""
    former, form = version_of(script, number), ConfirmForm(posted(request), about=script)
    act = partial(services.restore_script_version, actor=request.actor, script=script, number=former.number)
    status = submit(request, form, act)
    if status == DONE:
        toast(request, f"{script} stands as in version {number}.")
        return redirect(request, SCRIPTS.page(script))
    dialog, title = "computers/_script_version_dialog.html", f"Bring back version {number} of “{script}”?"
    back = SCRIPTS.url("version-detail", script.pk, number)
    return render_dialog(request, dialog, {"form": form}, title=title, cancel_url=back, status=status)
