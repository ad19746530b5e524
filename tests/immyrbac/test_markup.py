"""Cells escape what they show, say what they mean, and draw only what the sprite has."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace as Thing

import pytest
from django.conf import settings

from immyrbac import markup
from tenancy.models import Tenant
from tenancy.scopes import Word
from tests import source

EVIL = "<script>alert('x')</script>"
SPRITE = set(re.findall(r'symbol id="([^"]+)"', (settings.BASE_DIR / "static" / "icons.svg").read_text()))


def test_nothing_gets_through_unescaped():
    tag = Thing(name=EVIL, color=EVIL)
    pieces = [
        markup.status("live", EVIL),
        markup.tag(tag, EVIL),
        markup.tags([tag] * 5),
        markup.count(3, EVIL, EVIL),
        markup.avatar(f"{EVIL} {EVIL}"),
        markup.icon("check", label=EVIL),
        markup.when(None, none=EVIL),
    ]
    assert not [piece for piece in pieces if "<script" in piece]


def test_every_icon_that_is_drawn_is_in_the_sprite():
    drawn = {
        name
        for folder, suffix in (("templates", ".html"), ("immyrbac", ".py"), ("accounts", ".py"), ("rbac", ".py"))
        for path in source.files(folder, suffix=suffix)
        for name in re.findall(r"""(?:{% |\b)icon\(?\s*"([a-z0-9-]+)\"""", (source.ROOT / path).read_text())
    }
    assert {"check", "crown"} <= drawn
    assert drawn <= SPRITE


def test_an_icon_with_meaning_has_a_name_and_others_are_hidden():
    assert 'role="img" aria-label="Deny:"' in markup.icon("deny", label="Deny:")
    assert 'aria-hidden="true"' in markup.icon("deny")


@pytest.mark.parametrize(
    ("color", "css"), [("h3", "h3"), ("Amber", "h1"), ("#cc0000", "h0"), ("#0000ff", "h5"), ("#ff00aa", "h7")]
)
def test_colours_become_hues(color, css):
    assert markup.hue(color, "Gold") == css


def test_a_tag_without_a_colour_keeps_its_hue():
    assert markup.hue("", "Gold") == markup.hue("", "Gold")
    assert re.fullmatch("h[0-7]", markup.hue("nonsense", "Gold"))


def test_tags_beyond_three_are_counted_and_named():
    html = markup.tags([Thing(name=name, color="") for name in "ABCDE"])
    assert html.count('class="tag ') == 3
    assert 'title="D, E">+2' in html
    assert markup.tags([]) == ""


def test_a_sentence_has_its_names_in_bold_and_linked_where_they_may_be_opened():
    tenant, role = Tenant(pk=1, name=EVIL), Tenant(pk=2, name="Auditor")
    until = datetime(2026, 11, 27, 9, 40, tzinfo=UTC)
    pieces = [Word("May act as "), Word("Auditor", strong=True, target=role), Word(" of "),
              Word(EVIL, strong=True, target=tenant), Word(", until "), Word("then", moment=until)]  # fmt: skip
    html = markup.sentence(pieces, great=2, links={tenant: "/tenants/1/"})
    assert html.startswith("May act as <b>Auditor</b> <span")
    assert html.count("crown") == 1
    assert '<b><a href="/tenants/1/">&lt;script' in html
    assert ", until <b><time" in html


def test_times_are_iso_utc():
    html = markup.when(datetime(2026, 11, 27, 9, 40, 5, tzinfo=UTC), "date")
    assert 'datetime="2026-11-27T09:40:05Z"' in html
    assert ">27 Nov 2026</time>" in html


def test_a_state_has_one_of_the_known_shapes():
    with pytest.raises(ValueError, match="no status"):
        markup.status("purple", "Purple")
