"""What a world document may hold beside access: the library, who uses computers, and what is shared with whom."""

from random import Random
from typing import Any

from tests.oracle.world import World, reference

SHAREABLE = {
    "software": ("software:view", "software:manage"),
    "license": ("licenses:view", "licenses:manage", "licenses:download"),
}
NAMES = ("Office", "Backup", "Drawing")
MOMENTS = (None, "2020-01-01T00:00:00+00:00", "2090-01-01T00:00:00+02:00")
LOGINS = ("mara", "kim", "noor", "sam")


def furnished(world: World, dice: Random) -> dict[str, Any]:
    """The world with some of each more."""
    made: dict[str, Any] = dict(world)
    slugs = [tenant["slug"] for tenant in world["tenants"]]
    made["software"] = [_software(dice, owner) for owner in _owners(dice, slugs)]
    made["licenses"] = [_license(dice, owner, made["software"]) for owner in _owners(dice, slugs)]
    made["people"] = _people(dice, world)
    made["shares"] = [*made.get("shares", []), *_shares(dice, made)]
    return made


def _owners(dice: Random, slugs: list[str]) -> list[tuple[str, str | None]]:
    """Names, each with an owner that has it once."""
    pairs = [(name, owner) for name in NAMES for owner in (None, *slugs)]
    return dice.sample(pairs, dice.randint(1, 6))


def _software(dice: Random, named: tuple[str, str | None]) -> dict[str, Any]:
    more = {"publisher": "Kestrel", "release": "4.2", "notes": "Two\nlines"}
    return {"name": named[0], "tenant": named[1], **{key: said for key, said in more.items() if dice.random() < 0.5}}


def _license(dice: Random, named: tuple[str, str | None], software: list[Any]) -> dict[str, Any]:
    name, owner = named
    fits = [reference(each) for each in software if each["tenant"] in (None, owner)]
    return {
        "name": name,
        "tenant": owner,
        "software": dice.choice([None, *fits]),
        "seats": dice.choice([None, 1, 40]),
        "expires_on": dice.choice([None, "2031-02-28"]),
        "license_key": "ABCD-1234",
    }


def _people(dice: Random, world: World) -> list[dict[str, Any]]:
    """Some with an account, some known by address, by login, or by name alone; computers of their own tenant."""
    made, taken = [], set[str]()
    for number, slug in enumerate(tenant["slug"] for tenant in world["tenants"]):
        here = [reference(each) for each in world["computers"] if each["tenant"] == slug]
        homes = [user["email"] for user in world["users"] if user["tenant"] == slug]
        for place, login in enumerate(dice.sample(LOGINS, dice.randint(0, 3))):
            used = sorted(set(dice.sample(here, dice.randint(0, len(here)))))
            primary = [each for each in used if each not in taken and dice.random() < 0.5]
            taken.update(primary)
            known = {"email": f"{login}{number}@people.test"}, {"login": login}, {}
            person = {"name": f"Person {place}", "tenant": slug, **dice.choice(known)}
            account = {"user": homes.pop()} if homes and dice.random() < 0.5 else {}
            made.append({**person, **account, "computers": used, "primary_on": primary})
    return made


def _shares(dice: Random, world: dict[str, Any]) -> list[dict[str, Any]]:
    """One of each kind at most for each user."""
    emails = [user["email"] for user in world["users"]]
    made = []
    for email in emails:
        for kind, items in (("software", world["software"]), ("license", world["licenses"])):
            if dice.random() < 0.5:
                permission, giver = dice.choice(SHAREABLE[kind]), dice.choice([None, *emails])
                share = {"user": email, kind: reference(dice.choice(items)), "permission": permission}
                made.append({**share, "shared_by": giver, "expires_at": dice.choice(MOMENTS), "reason": "as it fell"})
    return made
