"""The tenants of the demo world, and the tags they bear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """One tenant: how many users and computers it gets, how its computers are called, what it bears."""

    slug: str
    name: str
    parent: str | None
    prefix: str
    users: int
    computers: int
    tags: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        """Child tenants share the address of the company above them."""
        above = self
        while above.parent not in (None, *MSPS):
            above = PLACES[above.parent or ""]
        return f"{above.slug}.example"


MSPS = ("contoso", "relecloud")

GOLD, SILVER, ROUND_THE_CLOCK, PCI, EU, NEW = "Gold SLA", "Silver SLA", "24x7", "PCI", "EU data", "Onboarding"

PLACES = {
    place.slug: place
    for place in (
        Place("contoso", "Contoso MSP", None, "CON", 40, 86, ("Provider",)),
        Place("fabrikam", "Fabrikam", "contoso", "FAB", 22, 412, (GOLD, ROUND_THE_CLOCK)),
        Place("fabrikam-logistics", "Fabrikam Logistics", "fabrikam", "FLO", 9, 118, (GOLD,)),
        Place("fabrikam-retail", "Fabrikam Retail", "fabrikam", "FRE", 12, 163, (GOLD, PCI)),
        Place("litware", "Litware", "contoso", "LIT", 13, 97, (SILVER,)),
        Place("adventure-works", "Adventure Works", "contoso", "ADV", 15, 204, (GOLD,)),
        Place("adventure-works-cycles", "Adventure Works Cycles", "adventure-works", "AWC", 7, 71, (GOLD, NEW)),
        Place("cycles-italia", "Cycles Italia", "adventure-works-cycles", "CIT", 3, 22, (EU,)),
        Place("northwind", "Northwind Traders", "contoso", "NW", 14, 146, (SILVER, EU)),
        Place("northwind-iberia", "Northwind Iberia", "northwind", "NWI", 4, 38, (EU,)),
        Place("proseware", "Proseware", "contoso", "PRO", 2, 9),
        Place("relecloud", "Relecloud", "contoso", "REL", 16, 28, ("Partner",)),
        Place("wingtip-toys", "Wingtip Toys", "relecloud", "WIN", 7, 90, (GOLD,)),
        Place("tailspin-toys", "Tailspin Toys", "relecloud", "TAI", 6, 64, (SILVER, NEW)),
        Place("tailspin-online", "Tailspin Online", "tailspin-toys", "TON", 2, 17, (PCI,)),
        Place("alpine-ski-house", "Alpine Ski House", "contoso", "ASH", 4, 31, ("Seasonal",)),
        Place("margies-travel", "Margie's Travel", "contoso", "MAR", 5, 47, (SILVER,)),
        Place("woodgrove-bank", "Woodgrove Bank", "contoso", "WGB", 22, 348, (GOLD, PCI, ROUND_THE_CLOCK)),
        Place("woodgrove-insurance", "Woodgrove Insurance", "woodgrove-bank", "WGI", 7, 169, (PCI,)),
        Place("coho-winery", "Coho Winery", "contoso", "COH", 3, 12, ("Seasonal",)),
        Place("coho-vineyard", "Coho Vineyard", "coho-winery", "COV", 2, 14, ("Seasonal",)),
        Place("lucerne-publishing", "Lucerne Publishing", "contoso", "LUC", 5, 88, (EU,)),
        Place("graphic-design-institute", "Graphic Design Institute", "contoso", "GDI", 5, 121),
        Place("humongous-insurance", "Humongous Insurance", "contoso", "HUM", 8, 236, (GOLD,)),
        Place("trey-research", "Trey Research", "contoso", "TRE", 5, 92, (SILVER,)),
        Place("trey-research-labs", "Trey Research Labs", "trey-research", "TRL", 3, 41),
        Place("vanarsdel", "VanArsdel", "contoso", "VAN", 5, 104, (SILVER,)),
        Place("southridge-video", "Southridge Video", "contoso", "SOU", 3, 39),
        Place("fourth-coffee", "Fourth Coffee", "contoso", "FOU", 4, 58, (PCI,)),
        Place("fourth-coffee-roasters", "Fourth Coffee Roasters", "fourth-coffee", "FCR", 2, 16),
        Place("blue-yonder", "Blue Yonder Airlines", "contoso", "BLU", 7, 187, (GOLD, ROUND_THE_CLOCK)),
        Place("city-power", "City Power & Light", "contoso", "CPL", 6, 163, (ROUND_THE_CLOCK,)),
        Place("bellows-college", "Bellows College", "contoso", "BEL", 6, 241, ("Seasonal",)),
        Place("lamna-healthcare", "Lamna Healthcare", "contoso", "LAM", 8, 214, (GOLD, ROUND_THE_CLOCK)),
        Place("lamna-clinics", "Lamna Clinics", "lamna-healthcare", "LAC", 3, 26, (NEW,)),
        Place("fincher-architects", "Fincher Architects", "relecloud", "FIN", 3, 33),
        Place("munsons-pickles", "Munson's Pickles", "relecloud", "MUN", 2, 21),
        Place("first-up", "First Up Consultants", "relecloud", "FUC", 3, 27, (SILVER,)),
        Place("consolidated-messenger", "Consolidated Messenger", "relecloud", "CME", 5, 76, (GOLD,)),
        Place("consolidated-messenger-nordic", "Consolidated Messenger Nordic", "consolidated-messenger", "CMN", 2, 31),
    )
}
"""By slug; whoever stands above comes first."""

OWN_TAGS = (
    ("contoso", "Migration", "h4"),
    ("fabrikam", "Warehouse", "h1"),
    ("fabrikam-retail", "Checkout", "h7"),
    ("northwind", "Front desk", "h3"),
    ("relecloud", "Managed firewall", "h5"),
    ("lamna-healthcare", "Ward", "h0"),
)
"""Tags of tenants: owner, name, hue."""

INSTANCE_TAGS = {
    GOLD: "h2",
    SILVER: "h5",
    ROUND_THE_CLOCK: "h0",
    PCI: "h7",
    EU: "h6",
    NEW: "h3",
    "Provider": "h4",
    "Partner": "h2",
    "Seasonal": "h6",
    "Tier 0": "h0",
    "HQ": "h4",
    "Kiosk": "h1",
    "Pilot ring": "h3",
}


def tags() -> Rows:
    return [{"name": name, "color": hue} for name, hue in INSTANCE_TAGS.items()] + [
        {"name": name, "tenant": slug, "color": hue} for slug, name, hue in OWN_TAGS
    ]


def tenants() -> Rows:
    return [
        {
            "slug": place.slug,
            "name": place.name,
            "parent": place.parent,
            "is_msp": place.slug in MSPS,
            "tags": list(place.tags),
            "is_active": place.slug != "proseware",
        }
        for place in PLACES.values()
    ]
