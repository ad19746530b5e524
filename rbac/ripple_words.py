"""How switches and their ripples read: rows of the preferences, figures, consequences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from immyrbac.markup import power, when
from immyrbac.words import counted, listed, number
from rbac.effects import line_of_log
from rbac.flows import of_computers
from rbac.outcomes import EXACT, Outcome
from rbac.permissions import Permission
from rbac.preference_forms import Selection, View
from rbac.ripples import Ripple, Ripples
from rbac.roles import BUILT_IN_ROLES
from rbac.switchboard import Position
from rbac.switches import SwitchKey

NOTHING_YET = SafeString("Nothing hangs on it yet: what it governs is not part of this version.")
"""Of a switch without permissions: nobody is touched by it."""
EVERYBODY = ("person", "people")
_NAMES = {role.key: role.name for role in BUILT_IN_ROLES}


@dataclass(frozen=True, slots=True)
class Preference:
    """One row of the page, as `parts/preference.html` takes it; `address` is empty for who may not set it."""

    label: str
    help: SafeString
    on: bool
    address: str
    lines: list[SafeString]
    great_power: bool


def preferences(ripples: Ripples, *, may_set: bool, of_crowds: bool) -> list[Preference]:
    """All switches of the instance, with what flipping each would do; of crowds where that is asked for."""
    tighteners = ripples.board.tighteners()
    return [
        _preference(ripple, ripples.board.position(key), tighteners.get(key, []), may_set=may_set)
        for key, ripple in ripples.flips(of_crowds=of_crowds).items()
    ]


def _preference(ripple: Ripple, position: Position, tighteners: list[str], *, may_set: bool) -> Preference:
    address = address_of(ripple) if may_set else ""
    lines = [_state(position), *_people(ripple, address)]
    if tighteners:
        lines.append(format_html("Tightened by {}", listed(tighteners, limit=1)))
    great = ripple.guards or any(permission.spec.great_power for permission in ripple.permissions)
    return Preference(ripple.key.label, _help(ripple.key), position.enabled, address, lines, great)


def address_of(ripple: Ripple) -> str:
    return reverse("rbac:switch-change", kwargs={"key": ripple.key, "enabled": ripple.enabled})


def _state(position: Position) -> SafeString:
    state = "On" if position.enabled else "Off"
    if position.since is None:
        return format_html("<b>{}</b>, never set", state)
    by = f", {position.by}" if position.by else ""
    return format_html("<b>{}</b> since {}{}", state, when(position.since), by)


def _people(ripple: Ripple, address: str) -> Iterator[SafeString]:
    if not (ripple.permissions or ripple.guards):
        return
    if not ripple.is_counted:
        yield _given_to_many(ripple, address)
        return
    touched = f"{ripple.most}{counted(ripple.touched, *EVERYBODY)}"
    shown = format_html('<a href="{}">{}</a>', address, touched) if address else touched
    if ripple.guards:
        yield format_html("{} without a second factor", shown)
        verb = "holds" if ripple.holders == 1 else "hold"
        yield format_html("{} {} great power", counted(ripple.holders, *EVERYBODY), verb)
        return
    yield format_html("{} would touch {}", "On" if ripple.enabled else "Off", shown)
    verb = "has" if ripple.holders == 1 else "have"
    yield format_html("{} {} it now", counted(ripple.holders, *EVERYBODY), verb)


def _given_to_many(ripple: Ripple, address: str) -> SafeString:
    """Before anybody was counted, which takes a second for each switch."""
    address = address or f"{reverse('rbac:preference-list')}?counted=on"
    what = "Great power is given" if ripple.guards else "Given"
    of_whom = "Count whom it would touch"
    return format_html('{} to more than {} people. <a href="{}">{}</a>', what, EXACT, address, of_whom)


def _help(key: SwitchKey) -> SafeString:
    """What the switch is for, then what it suspends and who keeps that."""
    rules = [rule for rule in key.spec.suspends if rule.permissions]
    said = [
        format_html(
            "Suspends while {}: {}. Kept by {}.",
            "on" if rule.when else "off",
            format_html_join(", ", "{}{}", (_named(each) for each in Permission if each in rule.permissions)),
            kept_by(key, enabled=rule.when) or "nobody",
        )
        for rule in rules
    ]
    said = said or ([] if key.spec.guards or key.spec.opens else [NOTHING_YET])
    lines = format_html_join("", '<span class="line">{}</span>', ((line,) for line in said))
    return format_html("{}{}", key.spec.help_text, lines)


def _named(permission: Permission) -> tuple[str, SafeString]:
    crown = format_html(" {}", power()) if permission.spec.great_power else SafeString("")
    return permission.label, crown


def kept_by(key: SwitchKey, *, enabled: bool, last: str = "and") -> str:
    """The roles that keep what the switch suspends at this position, by name."""
    keys = {role for rule in key.spec.suspends if rule.when == enabled for role in rule.kept_by}
    names = [name for role, name in _NAMES.items() if role in keys]
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _without_people(key: SwitchKey) -> tuple[str, str, str, str]:
    """The one effect of a switch that neither suspends nor guards anything."""
    if key.spec.opens:
        return "plain", "info", "Nobody’s access changes", key.spec.opens
    return "plain", "info", "Nothing hangs on it yet", "What it governs is not part of this version."


# The ripple page


class Change:
    """What the page says of one flip."""

    def __init__(self, ripples: Ripples, ripple: Ripple) -> None:
        self._ripples = ripples
        self.ripple = ripple
        self.key = ripple.key
        self.position = "on" if ripple.enabled else "off"
        self.is_there = ripples.board.stands(ripple.key) == ripple.enabled
        self.takes = bool(ripple.suspended) or any(
            each.loses or (each.enrols and ripple.enabled) for each in ripple.people
        )
        self.tighteners = ripples.board.tighteners().get(ripple.key, [])

    @cached_property
    def _judged(self) -> tuple[list[str], Outcome]:
        return self._ripples.judged(self.key, enabled=self.ripple.enabled)

    @property
    def objections(self) -> list[str]:
        """Why the reader may not do it; empty where they may."""
        return self._judged[0]

    @property
    def outcome(self) -> Outcome:
        """As the gate will tell it: all that may still come."""
        return self._judged[1]

    @property
    def people(self) -> str:
        """How many it touches; typed where somebody gains great power by it."""
        return counted(self.ripple.touched, *EVERYBODY)

    @property
    def button(self) -> str:
        """The number stands in it, where there is one."""
        if not (self.ripple.permissions or self.ripple.guards):
            return f"Turn {self.position}"
        return f"Turn {self.position} for {self.ripple.most}{self.people}"

    def figures(self, selection: Selection) -> list[tuple[str, str, str, str]]:
        """Rows for `parts/figures.html`; each that counts people leads to them."""
        if self.ripple.guards:
            ready = number(selection.counts[View.UNTOUCHED])
            rows = [("Have no second factor", number(selection.counts[View.ENROL]), f"?view={View.ENROL}", "")]
            return [*rows, ("Have one", ready, f"?view={View.UNTOUCHED}", "")]
        shown = [("People who lose something", View.LOSE), ("Lose all of it", View.LOSE_ALL)]
        shown += [("Keep part", View.KEEP_PART)]
        gain = ("Gain anything", View.GAIN)
        views = (
            [*shown, gain] if self.takes else [("People who gain something", View.GAIN), ("Lose anything", View.LOSE)]
        )
        most = self.ripple.most
        rows = [(words, f"{most}{number(selection.counts[view])}", f"?view={view}", "") for words, view in views]
        rows.insert(-1, ("Tenants touched", f"{most}{number(self.ripple.tenants)}", "", ""))
        if of_computers(self.ripple.permissions):
            rows.insert(-1, ("Computers touched", f"{most}{number(self.ripple.computers)}", "", ""))
        return rows

    def views(self, selection: Selection) -> list[tuple[str, str, bool]]:
        """The joined choices: words, query, whether it is the one."""
        offered = (View.LOSE_ALL, View.KEEP_PART, View.GAIN, View.ENROL, View.UNTOUCHED)
        usual = {View.LOSE_ALL, View.KEEP_PART} if self.takes else {View.GAIN}
        if self.ripple.guards:
            usual = {View.ENROL}
        return [
            (f"{view.label} {selection.counts[view]:,}", selection.query(view), view == selection.chosen)
            for view in offered
            if view in usual or view == View.UNTOUCHED or selection.counts[view]
        ]

    def effects(self) -> list[tuple[str, str, str, str]]:
        """Rows for `parts/effects.html`."""
        return [*self._effects(), *self._told()]

    def _told(self) -> Iterator[tuple[str, str, str, str]]:
        """A number of people is for who sees all of them; of a crowd the page counts as the log does."""
        if self.ripple.at_most:
            why = (
                "Of so many people what starts later or may come back counts as well, and nobody’s places are added up."
            )
            yield "plain", "audit", "Counted as the log will count it", why
        elif self.outcome.people and not self.ripple.beyond:
            yield line_of_log(self.outcome.told(None)["ripple"]["label"])

    def _effects(self) -> Iterator[tuple[str, str, str, str]]:
        ripple = self.ripple
        if ripple.guards:
            yield from self._demands()
        elif not ripple.permissions:
            yield _without_people(self.key)
        if ripple.suspended:
            suspended = counted(len(ripple.suspended), "permission")
            yield (
                "loses",
                "suspended",
                f"Suspends {suspended}",
                f"{_labels(ripple.suspended)}. Custom roles do not get around it.",
            )
            yield (
                "fine",
                "allow",
                f"{self._untouched()} all of it",
                f"As {kept_by(ripple.key, enabled=ripple.enabled, last='or')}.",
            )
        if ripple.released:
            released = counted(len(ripple.released), "permission")
            kind = "gains" if any(each.spec.great_power for each in ripple.released) else "plain"
            yield (
                kind,
                "crown" if kind == "gains" else "allow",
                f"Gives back {released}",
                f"{_labels(ripple.released)}, through every role that holds it.",
            )
        if self.tighteners:
            yield (
                "inert",
                "tenants",
                f"Tightened by {listed(self.tighteners)}",
                "It stays off there, wherever this stands.",
            )
        if ripple.beyond:
            yield "warns", "warn", "Further people outside your view", "They are touched as well, and not counted here."
        yield self._reversible()

    def _reversible(self) -> tuple[str, str, str, str]:
        ripple = self.ripple
        back = "off" if ripple.enabled else "on"
        after = "takes it away again" if ripple.released and not ripple.suspended else "gives everything back"
        return (
            "plain",
            "audit",
            "Reversible",
            f"Turning it {back} again {after if ripple.permissions else 'undoes it'}.",
        )

    def _demands(self) -> Iterator[tuple[str, str, str, str]]:
        """What a switch that guards demands of whom."""
        people = counted(self.ripple.touched, *EVERYBODY)
        if not self.ripple.enabled:
            yield (
                "plain",
                "allow",
                f"{people} may act again",
                "Great power then takes a password alone.",
            )
            return
        if self.ripple.touched:
            until = "From their next request, until they have set one up. They sign in as before."
            yield "loses", "suspended", f"{people} can do nothing but set up a second factor", until
        yield "plain", "crown", "Whoever comes to hold great power", "is asked for one at their next request."

    def _untouched(self) -> str:
        """How many people have what it governs and lose nothing."""
        count = sum(each.had and not each.is_touched for each in self.ripple.people)
        least = "At least " if self.ripple.at_most else ""
        return f"{least}{counted(count, *EVERYBODY)} {'keeps' if count == 1 else 'keep'}"


def _labels(permissions: list[Permission]) -> str:
    return ", ".join(permission.label for permission in permissions)
