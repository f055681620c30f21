"""The boards, what reading them costs, and the invalidations that new scores asked for."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from config import names
from config.capabilities import scores
from lambdas.scores.table import board_key
from local.status.clients import Clients
from local.status.panels import NoPanels
from local.status.panels.scores.boards import Boards, boards
from local.status.panels.scores.invalidations import Invalidations
from local.status.parts import Parts

Json = dict[str, Any]

_EMULATED_QUERY: Final = 0.5
"""Read units that the emulator counts for any Query."""


class Panels(NoPanels):
    PARTS: ClassVar = ("boards", "ledger", "invalidations")

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._invalidations = Invalidations(clients.cloudfront)
        self._boards = Boards({}, [])

    def look(self, parts: Parts) -> None:
        found = parts.ask("boards", self._read_boards)
        self._boards = found or Boards({}, [])
        if found is not None:
            parts.see("boards", found.described)
            parts.see("ledger", lambda: found.ledger)
        parts.see("invalidations", self._latest_invalidations)

    def billed_read_units(self, line: Json) -> float | None:
        """With the boards as large as they are now."""
        periods = line.get("periods") or [line.get("period")]
        keys = [board_key(str(line.get("game")), str(period)) for period in periods]
        units = self._boards.units
        if not line.get("rru") or not all(key in units for key in keys):
            return None
        queries_a_board = line["rru"] / _EMULATED_QUERY / len(keys)
        return float(sum(units[key] for key in keys) * queries_a_board)

    def _read_boards(self) -> Boards:
        return boards(self._clients.dynamodb, self._clients.parameter(scores.TABLE.parameter))

    def _latest_invalidations(self) -> list[Json]:
        return self._invalidations.latest(self._clients.parameter(names.DISTRIBUTION_ID))
