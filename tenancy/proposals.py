"""An act that moves access, put to whoever would do it: what changes for whom, in words, before it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from immyrbac.lists import Total, capped
from immyrbac.markup import tag as tag_mark
from immyrbac.versions import version_of
from immyrbac.words import counted, listed, number
from rbac.access import Access
from rbac.audit import place_of_entry
from rbac.effects import line_of_log
from rbac.outcomes import Outcome
from rbac.permissions import Permission
from rbac.prospects import Prospect
from rbac.shifts import Shift, Verdict, shift_of, verdict_on
from tenancy.models import Tag, Tenant
from tenancy.prospects import flagged, opened, retagged, uprooted

EVERYBODY = ("person", "people")
MOST = 100
"""How many people a page names."""

Line = tuple[str, str, str, str]
"""A row for `parts/effects.html`."""


@dataclass(frozen=True)
class Proposal:
    """`takes`: the act is one that takes; its button is red. `lines` are effects besides what people lose and gain.

    `verb` starts the button and `done` the toast. `tags` fall off, `computers` lose some. `mark` is what exactly it
    writes, where that hangs on what stands when it is drawn. `place` is that of the audit entry.
    """

    access: Access
    prospect: Prospect
    sentence: SafeString
    verb: str
    done: str
    takes: bool = False
    lines: Sequence[Line] = ()
    tags: Sequence[Tag] = ()
    computers: Total = field(default_factory=lambda: Total(0, capped=False))
    mark: str = ""
    place: int | None = None

    @cached_property
    def shift(self) -> Shift:
        return shift_of(self.access, self.prospect)

    @cached_property
    def _verdict(self) -> Verdict:
        return verdict_on(self.access, self.prospect)

    @property
    def objections(self) -> list[str]:
        return self._verdict.objections

    @property
    def outcome(self) -> Outcome | None:
        """As the gate will tell it; None where only the act itself shows that."""
        return self._verdict.outcome

    @property
    def is_danger(self) -> bool:
        return self.takes or bool(self.shift.losers)

    @property
    def expected(self) -> str:
        """The numbers on the page, and the mark: where they have moved meanwhile, it is shown again."""
        numbers = (len(self.shift.people), self.shift.losers, len(self.tags), len(self.prospect.leaving))
        return "-".join([*map(str, numbers), *filter(None, [self.mark])])

    @property
    def button(self) -> str:
        return f"{self.verb} for {counted(len(self.shift.people), *EVERYBODY)}" if self.shift.people else self.verb

    @property
    def figures(self) -> list[tuple[str, str, str, str]]:
        """Rows for `parts/figures.html`."""
        rows = [
            ("People who lose something", number(self.shift.losers)),
            ("People who gain something", number(self.shift.gainers)),
        ]
        rows += [("Tenants", number(len(self.prospect.before)))] if self.prospect.before else []
        return [(words, value, "", "") for words, value in rows]

    @property
    def shown(self) -> list[object]:
        return list(self.shift.people[:MOST])

    def effects(self) -> list[Line]:
        return [
            *self._power(),
            *self._people(),
            *self.lines,
            *self._lost_tags(),
            *self._memberships(),
            *self._beyond(),
            *self._told(),
        ]

    def _power(self) -> Iterator[Line]:
        if great := self.shift.power:
            yield "gains", "crown", f"Great power for somebody: {len(great)}", f"{_labels(great)}."

    def _people(self) -> Iterator[Line]:
        losers, gainers = self.shift.losers, self.shift.gainers
        if losers:
            yield "loses", "deny", f"{counted(losers, *EVERYBODY)} {_verb(losers, 'lose')} access", self._which("lost")
        if gainers:
            yield (
                "plain",
                "plus",
                f"{counted(gainers, *EVERYBODY)} {_verb(gainers, 'gain')} access",
                self._which("gained"),
            )
        if not losers and not gainers and not self.shift.beyond:
            yield (
                "fine",
                "check",
                "Nobody loses or gains anything today",
                "Assignments that are given later may differ.",
            )

    def _which(self, side: str) -> str:
        held = {permission for each in self.shift.people for permission in getattr(each, side)}
        return f"{_labels(permission for permission in Permission if permission in held)}."

    def _lost_tags(self) -> Iterator[Line]:
        if self.tags:
            names = format_html_join(" ", "{}", ((tag_mark(tag),) for tag in self.tags))
            where = f" {self.computers} computers lose some." if self.computers.count else ""
            second = format_html("{}{}", names, where)
            yield (
                "warns",
                "tags",
                f"{counted(len(self.tags), 'tag')} cannot be used there and {_verb(len(self.tags), 'fall')} off",
                second,
            )

    def _memberships(self) -> Iterator[Line]:
        if count := len(self.prospect.leaving):
            second = "In groups of a tenant that no longer stands above them."
            yield "warns", "groups", f"{counted(count, 'membership')} {_verb(count, 'end')}", second

    def _beyond(self) -> Iterator[Line]:
        if self.shift.beyond:
            yield "warns", "warn", "Further people outside your view", "They are touched as well, and not counted here."

    def _told(self) -> Iterator[Line]:
        """A number of people is for who sees all of them."""
        if self.outcome and self.outcome.people and not self.shift.beyond:
            yield line_of_log(self.outcome.told(self.place)["ripple"]["label"])


def _labels(permissions: Iterable[Permission]) -> str:
    return listed([permission.label for permission in permissions], limit=5)


def _verb(count: int, plain: str) -> str:
    return f"{plain}s" if count == 1 else plain


# The acts


def tagging(access: Access, tenant: Tenant, tags: Sequence[Tag], borne: Sequence[Tag]) -> Proposal:
    come = [tag for tag in tags if tag not in borne]
    gone = [tag for tag in borne if tag not in tags]
    said = [("Put {} on", come), ("take {} off", gone)]
    pieces = [format_html(words, _marks(each)) for words, each in said if each]
    sentence = format_html("{} <b>{}</b>.", _capital(format_html_join(" and ", "{}", ((p,) for p in pieces))), tenant)
    done, mark = f"Changed the tags of {tenant}", mark_of(come, gone)
    return Proposal(access, retagged(tenant, tags), sentence, "Save tags", done, mark=mark, place=tenant.pk)


def mark_of(come: Sequence[Tag], gone: Sequence[Tag]) -> str:
    """Who was shown that some tags come and some go takes off none that somebody else has put on meanwhile."""
    return version_of({"put": sorted(tag.pk for tag in come), "take": sorted(tag.pk for tag in gone)})


def moving(access: Access, tenant: Tenant, parent: Tenant | None) -> Proposal:
    uprooting = uprooted(tenant, parent)
    below = len(uprooting.prospect.before) - 1
    lines = (
        [("plain", "tenants", f"{counted(below, 'tenant')} below {_verb(below, 'move')} with it", "")] if below else []
    )
    sentence = (
        format_html("Move <b>{}</b> below <b>{}</b>.", tenant, parent)
        if parent
        else format_html("Move <b>{}</b> to the top, below no other tenant.", tenant)
    )
    return Proposal(
        access,
        uprooting.prospect,
        sentence,
        "Move tenant",
        f"Moved {tenant}",
        lines=lines,
        tags=uprooting.tags,
        computers=capped(uprooting.computers),
        place=place_of_entry((tenant.pk, tenant.parent_id, parent.pk if parent else None)),
    )


def flagging(access: Access, tenant: Tenant) -> Proposal:
    is_msp = not tenant.is_msp
    prospect = flagged(tenant, is_msp=is_msp)
    changed = sum(prospect.before[pk].msp_id != facts.msp_id for pk, facts in prospect.after.items())
    belongs = f"{counted(changed, 'tenant')} {_verb(changed, 'belong')} to {'it' if is_msp else 'what stands above'}"
    if is_msp:
        sentence = format_html("Make <b>{}</b> an MSP.", tenant)
        second = "Permissions for MSP users count for its people from then on."
        return Proposal(
            access,
            prospect,
            sentence,
            "Make it an MSP",
            f"{tenant} is an MSP now",
            lines=[("plain", "tenants", belongs, second)],
            place=tenant.pk,
        )
    sentence = format_html("Let <b>{}</b> be an MSP no longer.", tenant)
    second = (
        "Permissions for MSP users do nothing for its people, and assignments to it and its customers cover nobody."
    )
    return Proposal(
        access,
        prospect,
        sentence,
        "Take the flag away",
        f"{tenant} is no MSP any more",
        takes=True,
        lines=[("warns", "tenants", belongs, second)],
        place=tenant.pk,
    )


def activation(access: Access, tenant: Tenant) -> Proposal:
    is_active = not tenant.is_active
    prospect = opened(tenant, is_active=is_active)
    if is_active:
        sentence = format_html("Activate <b>{}</b>: its people can sign in again.", tenant)
        return Proposal(access, prospect, sentence, "Activate", f"Activated {tenant}")
    sentence = format_html("Deactivate <b>{}</b>: its people are out at their next click.", tenant)
    lines = [
        (
            "plain",
            "tenants",
            "Tenants below it stay as they are",
            "So do its computers, and whoever reaches them from elsewhere.",
        ),
        ("plain", "audit", "Reversible", "Activating it gives everything back."),
    ]
    return Proposal(access, prospect, sentence, "Deactivate", f"Deactivated {tenant}", takes=True, lines=lines)


def _marks(tags: Sequence[Tag]) -> SafeString:
    return format_html_join(" ", "{}", ((tag_mark(tag),) for tag in tags))


def _capital(text: SafeString) -> SafeString:
    return SafeString(text[:1].upper() + text[1:])
