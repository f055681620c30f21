"""Tables and amounts of the cost page, in Markdown."""

from collections.abc import Sequence


def usd(amount: float) -> str:
    return f"${amount:,.2f}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    return "\n".join([line(heads), line(["---"] * len(heads)), *map(line, rows)])
