"""The entry that a play must beat, published to the edge while the board is full and open."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lambdas.scores.games import Game
from lambdas.scores.periods import Period
from lambdas.scores.rules import Entry, effective_order
from lambdas.shared.edge_store import Changes, entry_in, period_key
from lambdas.shared.values.clock import from_iso, iso


@dataclass(frozen=True, slots=True)
class Threshold:
    """The entry to beat on one board."""

    game: Game
    period: Period
    last: Entry | None
    """The entry to beat. None while the board has room."""

    def values(self) -> list[int] | None:
        if self.last is None:
            return None
        of = {
            "score": self.last.score,
            "timeMs": self.last.time_ms,
            "updatedAt": from_iso(self.last.updated_at),
        }
        return [of[key] for key, _ in effective_order(self.game.order)]


def published(values: Mapping[str, str], thresholds: Iterable[Threshold], now_ms: int) -> Changes:
    """Changes entries only where the edge knows the board, in the same order."""
    changes = Changes()
    for threshold in thresholds:
        key = period_key(threshold.game.id, threshold.period.kind)
        present = entry_in(values.get(key))
        order = [list(pair) for pair in effective_order(threshold.game.order)]
        if present is None or present["order"] != order:
            continue
        entry = {name: value for name, value in present.items() if name != "thr"}
        entry["from"] = threshold.period.begins_ms
        entry["until"] = threshold.period.ends_ms or 0
        thr = threshold.values()
        if thr is not None:
            entry["thr"] = thr
        if {name: present.get(name) for name in ("from", "until", "thr")} != {
            name: entry.get(name) for name in ("from", "until", "thr")
        }:
            entry["updatedAt"] = iso(now_ms)
            changes.puts[key] = json.dumps(entry, separators=(",", ":"))
    return changes
