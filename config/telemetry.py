"""What visitors' games tell, and who their creators are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_ISSUER: Final = re.compile(r"(https://[^\s/?#]+|http://[^\s/?#]+\.localhost)(/[^\s/?#]+)*/?")
_LEAST: Final = {
    "address_requests_a_minute": 1,
    "session_requests_a_minute": 1,
    "requests_per_second": 1,
    "burst": 1,
    "erasure_settle_seconds": 0,
    "archive_days": 1,
}
_BETWEEN: Final = {
    "count_window_seconds": (0, 300, "as long as Lambda gathers a stream"),
    "archive_batch_seconds": (0, 300, "as long as Lambda gathers a stream"),
    "archive_window_seconds": (60, 900, "as long as Firehose gathers what it sorts"),
}


class TelemetryConfigError(Exception):
    """What is wrong with `telemetry` in config/environments.py, by field."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"config/environments.py: telemetry.{field}: {problem}")


@dataclass(frozen=True, kw_only=True)
class Telemetry:
    """Creators sign in at the issuer, whose tokens must be made out to the audience."""

    issuer: str
    """With Supabase https://<project>.supabase.co/auth/v1"""
    audience: str = "authenticated"
    sign_in_key: str = ""
    """Supabase's publishable key: the creators' page signs in with it, and it is no secret."""
    projects: Mapping[str, str] = field(default_factory=dict)
    """Which project each of the site's own games sends to, where it sends at all."""
    address_requests_a_minute: int = 60
    session_requests_a_minute: int = 60
    requests_per_second: float = 200
    burst: int = 400
    erasure_settle_seconds: int = 120
    """What is gone is believed in for up to a minute, and counted for up to another."""
    count_window_seconds: int = 30
    """How long counters may be behind; each window costs a project a few write units."""
    archive: bool = False
    """Whether all that is told is kept in S3 as well, for Athena."""
    archive_batch_seconds: int = 60
    """How long the stream is gathered before Firehose is handed it."""
    archive_window_seconds: int = 300
    """60 to 900: each window is one object for each project that told anything."""
    archive_days: int = 365

    def check(self) -> None:
        if not _ISSUER.fullmatch(self.issuer):
            raise TelemetryConfigError(
                "issuer",
                f"{self.issuer!r} is not an address, such as https://abc.supabase.co/auth/v1",
            )
        if not self.audience:
            raise TelemetryConfigError("audience", "empty; Supabase's is authenticated")
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value < least:
                raise TelemetryConfigError(name, f"{value}; it must be {least} or more")
        for name, (least, most, why) in _BETWEEN.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise TelemetryConfigError(name, f"{value}; it must be {least} to {most}, {why}")
