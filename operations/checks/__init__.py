"""Everything htmlgame doctor looks at, in the order in which it does."""

from operations.checks import account, scores, telemetry, edge, site, watch  # isort: skip
from operations.checks.check import CHECKS as CHECKS

__all__ = ["CHECKS", "account", "edge", "scores", "site", "telemetry", "watch"]
