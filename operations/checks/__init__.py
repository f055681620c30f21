"""Everything htmlgame doctor looks at, in the order in which it does."""

from operations.checks import account, scores, telemetry, edge, live, site, watch  # isort: skip
from operations.checks.check import CHECKS as CHECKS

__all__ = ["CHECKS", "account", "edge", "live", "scores", "site", "telemetry", "watch"]
