"""Tables and amounts of the cost page, in Markdown."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal


def usd(amount: float) -> str:
    """Half a cent is rounded up. Python's versions add floats in different ways."""
    exact = Decimal(str(round(amount, 9)))
    return f"${exact.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    return "\n".join([line(heads), line(["---"] * len(heads)), *map(line, rows)])
