"""The strictness of a local cloud, passed to its process in an environment variable."""

import json
from dataclasses import asdict, dataclass
from typing import Final, Self

VARIABLE: Final = "HTMLGAME_STRICT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strictness:
    on: bool = True
    """False switches the rules off; the front door stays shut to foreign pages."""
    issuers: tuple[str, ...] = ()
    """Issuers that need neither https nor a discovery document: the local issuer."""
    invalidation_seconds: float = 5
    """How long an invalidation counts as in progress; about a minute on AWS."""
    websocket_idle_seconds: float = 600
    websocket_life_seconds: float = 7200
    rule_modules: tuple[str, ...] = ()
    """Modules that hold further rules; importing one registers them."""

    def written(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Self:
        values = json.loads(text)
        for name in ("issuers", "rule_modules"):
            values[name] = tuple(values[name])
        return cls(**values)
