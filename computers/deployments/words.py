"""A deployment as a sentence: "Install Backup Agent on servers of Fabrikam" (guide, "Words")."""

from __future__ import annotations

from collections.abc import Collection

from computers.deployments.models import Aimed, Deployment, State, Target
from computers.models import Computer
from computers.scopes import computer_words
from immyrbac.words import listed
from tenancy.scopes import Word

VERBS = {State.INSTALLED: "Install", State.ABSENT: "Remove", State.RUN: "Run"}


def doing(deployment: Deployment, *, reads: bool = True) -> str:
    """What it does, in words; `reads`: whether the reader may see the software or the script."""
    verb, version = VERBS[State(deployment.state)], deployment.script_version
    if not reads:
        return f"{verb} {'a script' if version else 'software'}"
    return f"{verb} {version.script}, version {version.number}" if version else f"{verb} {deployment.software}"


def aim_of(deployment: Deployment, computers: Collection[Computer] = (), *, most: int = 3) -> list[Word]:
    """Where; `computers` are the single ones, of which `most` are named. Reads tenant, tag and computer tag."""
    if deployment.target == Target.INDIVIDUAL:
        names = listed([computer.name for computer in computers], most)
        people = listed([f"{name}’s computers" for name in deployment.people], most)
        singles = ", ".join(filter(None, (names, people))) or "single computers"
        return [Word(singles, strong=True), Word(" of "), *_tenants(deployment)]
    return where(deployment)


def where(aimed: Aimed) -> list[Word]:
    """Its target, where that is not single computers: "servers of Fabrikam and its child tenants"."""
    return [*computer_words(aimed), Word(" of "), *_tenants(aimed)]


def _tenants(aimed: Aimed) -> list[Word]:
    match aimed.target:
        case Target.OWNER:
            return [Word("every tenant", strong=True)]
        case Target.TAG:
            return [Word("tenants tagged "), Word(str(aimed.tag), strong=True)]
        case Target.MSP:
            return [Word(str(aimed.tenant), strong=True), Word(" and its customers")]
        case Target.CHILDREN:
            return [Word(str(aimed.tenant), strong=True), Word(" and its child tenants")]
    return [Word(str(aimed.tenant), strong=True)]
