"""AWS's prices, from the dated table beside this module."""

import json
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).with_name("prices.json")


class FreeTier(IntEnum):
    """The part of the free tier that an account has. Each level includes those before it."""

    NONE = 0
    ALWAYS = 1
    FIRST_YEAR = 2
    """For accounts from before 15 July 2025. Later accounts have credits instead."""


_LASTS: Final = {"": FreeTier.NONE, "always": FreeTier.ALWAYS, "first year": FreeTier.FIRST_YEAR}


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    id: str
    service: str
    what: str
    usd: float
    per: float
    unit: str
    source: str
    dated: str
    """The date in the copy that was read; empty where it has none."""
    note: str = ""
    free: float = 0
    lasts: str = ""

    def of(self, amount: float, tier: FreeTier) -> float:
        free = self.free if tier >= _LASTS[self.lasts] else 0
        return max(0, amount - free) * self.usd / self.per


@dataclass(frozen=True, slots=True)
class Plan:
    """A flat rate for a distribution, and its limits."""

    name: str
    usd: float
    requests: int
    gigabytes: int
    behaviours: int
    store: bool
    cache_policies: bool

    @property
    def fits(self) -> bool:
        """Whether it allows the key-value store and the cache policy that htmlgame adds."""
        return self.store and self.cache_policies


@dataclass(frozen=True, slots=True)
class PriceTable:
    region: str
    read: str
    prices: dict[str, Price]
    plans: tuple[Plan, ...]


@cache
def price_table() -> PriceTable:
    content = json.loads(TABLE.read_text(encoding="utf-8"))
    return PriceTable(
        region=content["region"],
        read=content["read"],
        prices={line["id"]: Price(**line) for line in content["prices"]},
        plans=tuple(
            Plan(
                name=tier["name"],
                usd=tier["usd"],
                requests=tier["requests"],
                gigabytes=tier["gigabytes"],
                behaviours=tier["behaviours"],
                store=tier["store"],
                cache_policies=tier["cachePolicies"],
            )
            for tier in content["plans"]["tiers"]
        ),
    )
