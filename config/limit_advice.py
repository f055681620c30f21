"""Warns of limits that are wider than any human needs, which a cheater would use."""

from collections.abc import Iterator, Mapping
from typing import Final

from config.games import GAME_CONFIG_DIRECTORY, Game
from lambdas.shared.values.wire import LARGEST_INTEGER

_MINUTE_MS: Final = 60_000
_LONGEST_PAUSE_MS: Final = 5 * _MINUTE_MS
_LONGEST_GRACE_MS: Final = 10 * _MINUTE_MS
_LONGEST_PLAY_MS: Final = 6 * 60 * _MINUTE_MS
_FASTEST_HUMAN_MS: Final = 1_000


def advice(games: Mapping[str, Game]) -> Iterator[str]:
    """A line for each limit: the file, the field, its value and what to write instead."""
    for game_id, game in games.items():
        for field, problem, suggestion in _of_game(game):
            path = GAME_CONFIG_DIRECTORY / f"{game_id}.json"
            yield f"{path}: {field}: {problem}; suggestion: {suggestion}"


_Advice = tuple[str, str, str]


def _of_game(game: Game) -> Iterator[_Advice]:
    yield from _of_score(game)
    yield from _of_times(game)


def _of_score(game: Game) -> Iterator[_Advice]:
    score, keys = game.limits.score, [key for key, _ in game.order]
    if "score" not in keys:
        if score.min != score.max:
            won = min(score.max, 1)
            yield (
                "limits.score",
                f"{score.min} to {score.max}, but order has no score: a loss ranks like a win",
                f'"score": {{"min": {won}, "max": {won}}}, and submit no lost game',
            )
        return
    if score.max == LARGEST_INTEGER and ("score", "desc") in game.order:
        yield (
            "limits.score.max",
            "any score is allowed",
            "twice the best score that you have seen, such as 10000",
        )
        return
    if ("score", "desc") in game.order and score.max > 1:
        yield from _of_speed(game)


def _of_speed(game: Game) -> Iterator[_Advice]:
    limits = game.limits
    longest_s = limits.playMs.max / 1000
    if limits.perSecond is None:
        yield (
            "limits.perSecond",
            f"{limits.score.max} points may take {limits.playMs.min} ms",
            "twice the points a second of your best play, such as 10",
        )
    elif limits.score.max > limits.perSecond * longest_s:
        most = int(limits.perSecond * longest_s)
        yield (
            "limits.score.max",
            f"{limits.score.max} cannot be reached in the longest play, which has {most} points",
            f'"max": {most}',
        )


def _of_times(game: Game) -> Iterator[_Advice]:
    limits = game.limits
    if game.order[0] == ("timeMs", "asc") and limits.playMs.min <= _FASTEST_HUMAN_MS:
        yield (
            "limits.playMs.min",
            f"{limits.playMs.min} ms ranks first, and nobody finishes a game so fast",
            "the time of the fastest human, such as 5000",
        )
    for field, value, most, why in (
        ("playMs.max", limits.playMs.max, _LONGEST_PLAY_MS, "tokens can be kept as long"),
        ("graceMs", limits.graceMs, _LONGEST_GRACE_MS, "plays can be kept as long"),
        ("pauseMs", limits.pauseMs, _LONGEST_PAUSE_MS, "a player chooses the time within it"),
    ):
        if value > most:
            name = field.rpartition(".")[2]
            yield f"limits.{field}", f"{value} ms: {why}", f'"{name}": {most} or less'
