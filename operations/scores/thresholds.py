"""What the edge asks of a play, compared with what the board itself asks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lambdas.scores.rules import effective_order, rank_key
from lambdas.scores.thresholds import Threshold
from lambdas.shared.edge_store import period_key
from operations.cli.output import duration
from operations.scores.boards import Board, Census

State = Literal["fresh", "behind", "too strict", "of another time", "missing"]


@dataclass(frozen=True, slots=True)
class Compared:
    stored: list[int] | None
    computed: list[int] | None
    state: State
    updated_at: str | None


def compared(stored: Mapping[str, str], board: Board, census: Census) -> Compared:
    entry = entry_of(stored, board)
    computed = Threshold(board.game, board.period, census.last).values()
    if entry is None:
        return Compared(None, computed, "missing", None)
    threshold: list[int] | None = entry.get("thr")
    return Compared(
        threshold, computed, _state(entry, board, threshold, computed), entry.get("updatedAt")
    )


def entry_of(stored: Mapping[str, str], board: Board) -> dict[str, Any] | None:
    text = stored.get(period_key(board.game.id, board.period.kind))
    entry: dict[str, Any] | None = None if text is None else json.loads(text)
    return entry


def _state(
    entry: dict[str, Any], board: Board, stored: list[int] | None, computed: list[int] | None
) -> State:
    if stored is None:
        return "fresh" if computed is None else "behind"
    if (entry.get("from"), entry.get("until")) != (
        board.period.begins_ms,
        board.period.ends_ms or 0,
    ):
        return "of another time"
    if stored == computed:
        return "fresh"
    if computed is None or _position(board, stored) < _position(board, computed):
        return "too strict"
    return "behind"


def _position(board: Board, threshold: list[int]) -> str:
    values = by_name(board, threshold)
    return rank_key(
        board.game.order,
        score=values.get("score", 0),
        time_ms=values.get("timeMs", 0),
        updated_at_ms=values.get("updatedAt", 0),
    )


def named(board: Board, threshold: list[int] | None) -> dict[str, int] | None:
    return None if threshold is None else by_name(board, threshold)


def to_beat(threshold: dict[str, int] | None) -> str | None:
    """The threshold in words; None if the board asks for nothing."""
    if threshold is None:
        return None
    formats = {"score": "{:,}".format, "timeMs": duration}
    return ", ".join(formats[key](value) for key, value in threshold.items() if key in formats)


def by_name(board: Board, threshold: list[int]) -> dict[str, int]:
    keys = [key for key, _ in effective_order(board.game.order)]
    return dict(zip(keys, threshold, strict=True))
