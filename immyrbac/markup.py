"""Small pieces of markup that repeat in rows: one `format_html` each. `templatetags/ui.py` hands them to templates."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol
from zlib import crc32

from django.db.models import Model
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from qrcode.main import QRCode

from immyrbac import words

STATUS_KINDS = frozenset({"live", "new", "soon", "suspended", "ended", "off"})
# name -> (class, what is shown, what is meant)
_MARKS = {
    "msp": ("mark msp", "MSP", "MSP users only"),
    "msp_tenant": ("mark msp", "MSP", "A managed service provider"),
    "owner": ("mark", "Owner", "A system permission, inert below the scope owner"),
    "deny_only": ("mark", "Deny only", "A role for denying only"),
    "built_in": ("mark", "Built-in, read-only", "A role of the product"),
}
# Where the classes h0 to h7 lie on the circle of #rrggbb (not of oklch), and the names that people give colours.
_HUES = (0, 30, 55, 130, 190, 225, 275, 330)
_HUE_NAMES = {
    "red": 0, "orange": 1, "amber": 1, "yellow": 2, "lime": 3, "green": 3, "teal": 4, "cyan": 4, "blue": 5,
    "indigo": 5, "violet": 6, "purple": 6, "pink": 7, "magenta": 7,
}  # fmt: skip


class TagLike(Protocol):
    """What a tag shows: its name and its colour (a hue class, a colour's name, or #rrggbb)."""

    name: str
    color: str


class WordLike(Protocol):
    """A piece of a sentence, as `tenancy.scopes.Word`."""

    @property
    def text(self) -> str: ...
    @property
    def strong(self) -> bool: ...
    @property
    def target(self) -> Model | None: ...
    @property
    def moment(self) -> datetime | None: ...


@lru_cache(maxsize=256)
def icon(name: str, size: int = 16, label: str = "", css: str = "") -> SafeString:
    """A stroke of the sprite. With a label it is an image with a name, without one it is hidden from readers."""
    return format_html(
        '<svg class="icon{}{}" {}><use href="{}#{}"/></svg>',
        f" icon-{size}" if size != 16 else "",
        f" {css}" if css else "",
        format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"'),
        static("icons.svg"),
        name,
    )


def status(kind: str, text: str) -> SafeString:
    if kind not in STATUS_KINDS:
        raise ValueError(f"no status is called {kind!r}")
    return format_html('<span class="status {}">{}</span>', kind, text)


def power(count: int | None = None) -> SafeString:
    """The crown. With a count: how many permissions of great power."""
    if count is None:
        return format_html('<span class="power" title="Great power">{}</span>', icon("crown", 14, "great power"))
    title = words.counted(count, "great power")
    return format_html(
        '<span class="power" title="{}">{}<span class="n" aria-hidden="true">{}</span></span>',
        title,
        icon("crown", 14, title),
        count,
    )


def mark(name: str) -> SafeString:
    """One of `msp`, `msp_tenant`, `owner`, `deny_only`, `built_in`, with its meaning as title and hidden words."""
    css, shown, meaning = _MARKS[name]
    return format_html(
        '<span class="{}" title="{}"><span aria-hidden="true">{}</span><span class="hidden-words">{}</span></span>',
        css,
        meaning,
        shown,
        meaning,
    )


def needs(names: str, count: int) -> SafeString:
    """How many others a permission rests on; `names` says which."""
    return format_html(
        '<span class="mark needs" title="Needs {}"><span aria-hidden="true">+{}</span>'
        '<span class="hidden-words">needs {}</span></span>',
        names,
        count,
        names,
    )


@lru_cache(maxsize=1024)
def hue(color: str, name: str) -> str:
    """The hue class of a tag; one without a known colour keeps the hue that its name falls on."""
    chosen = color.strip().lower()
    if re.fullmatch(r"h[0-7]", chosen):
        return chosen
    if chosen in _HUE_NAMES:
        return f"h{_HUE_NAMES[chosen]}"
    if re.fullmatch(r"#[0-9a-f]{6}", chosen):
        degree = 360 * colorsys.rgb_to_hsv(*(int(chosen[i : i + 2], 16) for i in (1, 3, 5)))[0]
        return f"h{min(range(8), key=lambda i: abs((_HUES[i] - degree + 180) % 360 - 180))}"
    return f"h{crc32(name.encode()) % 8}"


def tag(item: TagLike, href: str = "") -> SafeString:
    css = hue(item.color, item.name)
    if href:
        return format_html('<a class="tag {}" href="{}">{}</a>', css, href, item.name)
    return format_html('<span class="tag {}">{}</span>', css, item.name)


def tags(items: Iterable[TagLike], limit: int = 3) -> SafeString:
    """At most `limit` tags and "+2", whose title names the others. Nothing for none."""
    every = list(items)
    if not every:
        return SafeString("")
    shown, rest = (every[:limit], every[limit:]) if limit else (every, [])
    more = SafeString("")
    if rest:
        more = format_html('<span class="more" title="{}">+{}</span>', ", ".join(item.name for item in rest), len(rest))
    return format_html(
        '<span class="tag-row">{}{}</span>', format_html_join("", "{}", ((tag(i),) for i in shown)), more
    )


def when(moment: datetime | None, form: str = "date", none: str = "Never") -> SafeString:
    """`<time>` with ISO UTC, localised by times.js: date, day, instant, hour, ago; clock, with seconds, stays UTC."""
    if moment is None:
        return format_html('<span class="nothing">{}</span>', none)
    return _time(moment, form, words.ago(moment, timezone.now()) if form == "ago" else _FORMS[form](moment))


@lru_cache(maxsize=4096)
def _time(moment: datetime, form: str, shown: str) -> SafeString:
    return format_html(
        '<time datetime="{}" data-when="{}" title="{}, {} UTC">{}</time>',
        f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        form,
        words.day(moment),
        words.clock(moment),
        shown,
    )


_FORMS = {"date": words.date, "day": words.day, "instant": words.instant, "hour": words.hour, "clock": words.clock}


def count(value: int, href: str = "", one: str = "", many: str = "") -> SafeString:
    """A number with its unit, as the link to the list that counts it."""
    shown = words.counted(value, one, many) if one else words.number(value)
    return format_html('<a href="{}">{}</a>', href, shown) if href else format_html("{}", shown)


def sentence(pieces: Iterable[WordLike], great: int = 0, links: Mapping[Model, str] | None = None) -> SafeString:
    """A sentence with its names in bold and its moments as times.

    `great`: how many great powers the role has, shown behind the first name. `links`: addresses of what is named and
    the reader may open.
    """
    shown, crown = [], power(great) if great else SafeString("")
    for piece in pieces:
        text = when(piece.moment, "instant") if piece.moment else escape(piece.text)
        href = links.get(piece.target) if links and piece.target is not None else None
        if href:
            text = format_html('<a href="{}">{}</a>', href, text)
        if piece.strong or piece.moment:
            text = format_html("<b>{}</b>{}", text, format_html(" {}", crown) if crown else "")
            crown = SafeString("")
        shown.append(text)
    return SafeString("".join(shown))


def avatar(name: str, *, big: bool = False) -> SafeString:
    """Initials of the first and the last word, hidden from readers since the name stands beside them."""
    parts = name.split() or ["?"]
    initials = parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else "")
    return format_html('<span class="avatar{}" aria-hidden="true">{}</span>', " big" if big else "", initials.upper())


def tick(pk: int, name: str, *, may: bool) -> SafeString:
    """The cell of a row that can be chosen for a batch, empty where it `may` not be."""
    if not may:
        return SafeString('<td role="cell" class="check"></td>')
    return format_html(
        '<td role="cell" class="check"><input type="checkbox" name="ids" value="{}" form="batch"'
        ' aria-label="Select {}"></td>',
        pk,
        name,
    )


def options(groups: Iterable[tuple[str | None, Iterable[Mapping[str, Any]]]]) -> SafeString:
    """The options of a select as Django's widgets have them, by group; a group without a name has no heading."""
    lines = []
    for name, choices in groups:
        drawn = format_html_join("", "\n  {}", ((_option(each),) for each in choices))
        lines.append(format_html('\n  <optgroup label="{}">{}\n  </optgroup>', name, drawn) if name else drawn)
    return SafeString("".join(lines))


def _option(option: Mapping[str, Any]) -> SafeString:
    said = ((name, value) for name, value in option["attrs"].items() if value is not False)
    attrs = [
        format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value) for name, value in said
    ]
    return format_html('<option value="{}"{}>{}</option>', option["value"], SafeString("".join(attrs)), option["label"])


def qr_code(text: str, label: str) -> SafeString:
    """The text as a QR code, drawn by attributes alone: the policy drops every style. Dark on light in both themes."""
    drawing: QRCode[Any] = QRCode(border=4)
    drawing.add_data(text)
    rows = drawing.get_matrix()
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return format_html(
        '<svg class="qr" role="img" aria-label="{}" viewBox="0 0 {} {}" shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0 0h{}v{}H0z"/><path fill="#000" d="{}"/></svg>',
        label,
        *[len(rows)] * 4,
        dark,
    )
