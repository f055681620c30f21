"""The dashboards of CloudWatch that one deploy has."""

from collections.abc import Sequence
from typing import Final

from config import names
from config.manifest import Capability

_MOST_TABLES: Final = 7


def dashboards(capabilities: Sequence[Capability]) -> tuple[str, ...]:
    """AWS bills a dashboard with more than fifty metrics, and a table has four: two of use, and two
    of costs. With many tables, costs are therefore on a dashboard of their own."""
    tables = sum(len(each.tables) for each in capabilities)
    return (names.DASHBOARD, names.COSTS_DASHBOARD) if tables > _MOST_TABLES else (names.DASHBOARD,)
