"""Dollars an hour of a flooded route, computed from the units that tests pin."""

from bench.report import table
from operations.costs.abuse import BOTS, LAPTOP, rows


def run() -> None:
    found = list(rows())
    assert all(row.laptop <= row.bots for row in found), "a thousand bots cost less than a laptop"
    heads = [f"{each.name}, {each.a_second:,.0f} a second" for each in (LAPTOP, BOTS)]
    table(
        "Dollars an hour of a flooded route, without any free tier",
        ["route", "reach the origin", *heads],
        [[row.route, f"{row.reach:g}", row.laptop, row.bots] for row in found],
    )
