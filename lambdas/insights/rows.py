"""One request as it is kept: no address, agent, query, body or player's id."""

from dataclasses import dataclass
from typing import Any, Final

CACHED: Final = frozenset({"Hit", "RefreshHit", "OriginShieldHit"})
"""CloudFront's result types of answers from its cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    id: str
    """CloudFront's id of the request. The viewer has it too, as x-amz-cf-id."""
    ms: int
    """The moment at which CloudFront had answered."""
    fn: str
    """The function that answered, as language-title."""
    route: str
    """The method and the path, with names of parameters in place of their values."""
    status: int
    """0 where the viewer left before there was an answer."""
    us: int
    """How long the answer took, in microseconds."""
    result: str
    bytes: int = 0
    caller: str = ""
    """A hash that changes every day, for routes whose path names a player."""
    error: str = ""
    """The code of a refusal."""
    memory_kb: int = 0
    """What a creator's function used; 0 where nothing measured it."""
    cpu_us: int = 0

    @property
    def cached(self) -> bool:
        return self.result in CACHED

    def to_json(self) -> dict[str, Any]:
        """The columns of the table in Athena. The day is the name of the folder."""
        columns: dict[str, Any] = {
            "id": self.id,
            "ms": self.ms,
            "fn": self.fn,
            "route": self.route,
            "status": self.status,
            "duration": self.us / 1000,
            "result": self.result,
            "bytes": self.bytes,
        }
        if self.caller:
            columns["caller"] = self.caller
        if self.error:
            columns["error"] = self.error
        if self.memory_kb:
            columns |= {"memory_kb": self.memory_kb, "cpu_ms": self.cpu_us / 1000}
        return columns
