"""Answers: the server picks page or fragment, refusals say why, and what everybody gets names nobody."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, override_settings

from immyrbac import http
from tests.gallery.settings import GALLERY

HTMX = {"HX-Request": "true"}


@pytest.fixture
def gallery():
    with override_settings(**GALLERY, ALLOWED_HOSTS=["testserver"]):
        yield Client()


def test_the_fragment_is_for_htmx_alone(gallery):
    page = gallery.get("/end/")
    assert b"<html" in page.content
    fragment = gallery.get("/end/", headers=HTMX)
    assert b"<html" not in fragment.content
    assert fragment.content.lstrip().startswith(b"<form")
    for answer in (page, fragment):
        assert "HX-Request" in answer["Vary"]
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_a_boosted_link_and_a_step_back_get_the_page(gallery, header):
    assert b"<html" in gallery.get("/end/", headers={**HTMX, header: "true"}).content


def test_a_dialog_has_one_heading_of_the_right_rank(gallery):
    assert b"<h1" in gallery.get("/end/").content
    assert b"<h2" in gallery.get("/end/", headers=HTMX).content


def test_a_toast_waits_for_the_next_answer_and_is_escaped(gallery, rf):
    assert gallery.get("/toasted/")["Location"] == "/users/"
    page = gallery.get("/users/").content.decode()
    assert "Noah Fischer’s access ended" in page
    assert '<a href="/audit/">Audit entry</a>' in page
    assert "Noah Fischer" not in gallery.get("/users/").content.decode()


def test_a_toast_comes_with_a_fragment_too(gallery):
    gallery.get("/toasted/")
    assert b'hx-swap-oob="beforeend"' in gallery.get("/end/", headers=HTMX).content


def test_a_redirect_reaches_htmx_as_a_page(gallery):
    answer = gallery.get("/toasted/", headers=HTMX)
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/users/")


def test_a_refusal_says_what_is_lacking_and_who_can_help(gallery):
    answer = gallery.get("/refusal/")
    page = answer.content.decode()
    assert answer.status_code == 403
    for words in ("You cannot open a terminal on DC01", "computers:use_terminal", "Jonas Lindqvist", "7f3a-91c2"):
        assert words in page


def test_a_bare_permission_denied_has_a_page(gallery, rf):
    request = rf.get("/")
    request.user = type("Anonymous", (), {"is_authenticated": False})()
    answer = http.forbidden(request, PermissionDenied())
    assert answer.status_code == 403
    assert b"You cannot do this" in answer.content


@pytest.mark.parametrize(("path", "status"), [("/404/", 404), ("/400/", 400), ("/csrf/", 403)])
def test_static_pages_are_the_same_for_everybody(gallery, path, status):
    answers = [gallery.get(path), gallery.get(path, {"q": "other"}), gallery.get(path, headers=HTMX)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(status, answers[0].content)}
    assert b"Marcus" not in answers[0].content
    assert b"<form" not in answers[0].content
    assert "Set-Cookie" not in answers[0]


@pytest.mark.parametrize("name", ["users", "user", "form", "computer", "audit", "explain", "preferences", "parts"])
def test_no_page_has_inline_style_or_script(gallery, name):
    page = gallery.get(f"/{name}/").content.decode()
    assert " style=" not in page
    assert "<style" not in page
    assert "onclick" not in page
    assert page.count("<script") == page.count("<script src=")
