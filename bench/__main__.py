"""make bench: measurements, as counts or as ratios within one run.

make bench                  all sections that take minutes.
make bench ARGS="cold warm" only these sections.
make bench ARGS=abuse       dollars an hour of a flooded route, from pinned units
make bench ARGS=soak        100,000 submissions, four at once (a quarter of an hour)
make bench ARGS=trim        a board of 200,000 rows back to its top N (as long)
make bench ARGS=board-files the same board to a file and onto another table (as long)
"""

import sys
from collections.abc import Callable
from typing import Final

from bench import (
    abuse,
    board_files,
    cold,
    contact,
    deploys,
    edge,
    insights,
    lookalikes,
    packages,
    sdk,
    site,
    soak,
    telemetry,
    trim,
    tunnels,
    warm,
)

SECTIONS: Final[dict[str, Callable[[], None]]] = {
    "abuse": abuse.run,
    "contact": contact.run,
    "packages": packages.run,
    "cold": cold.run,
    "warm": warm.run,
    "telemetry": telemetry.run,
    "lookalikes": lookalikes.run,
    "edge": edge.run,
    "insights": insights.run,
    "sdk": sdk.run,
    "site": site.run,
    "deploys": deploys.run,
    "tunnels": tunnels.run,
    "soak": soak.run,
    "trim": trim.run,
    "board-files": board_files.run,
}
_LONG: Final = {"soak", "trim", "board-files"}


def main(asked: list[str]) -> None:
    unknown = set(asked) - SECTIONS.keys()
    if unknown:
        sys.exit(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    for name, section in SECTIONS.items():
        if name in asked or not (asked or name in _LONG):
            section()


main(sys.argv[1:])
