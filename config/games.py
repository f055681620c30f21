"""The games: one JSON file each, which is checked before anything is deployed."""

import json
import re
from collections.abc import Sequence
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from config.model import ConfigError, problems
from lambdas.shared.values.wire import GAME_ID, LARGEST_INTEGER, NO_BOARD_BEFORE

GAME_CONFIG_DIRECTORY: Final = Path(__file__).parent / "game-config"

Key = Literal["score", "timeMs", "updatedAt"]
Direction = Literal["asc", "desc"]
Period = Literal["all", "monthly", "weekly", "daily"]
Integer = Annotated[int, Field(strict=True, ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]
Milliseconds = Annotated[int, Field(strict=True, ge=0, le=7 * 24 * 3600 * 1000)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Range(_Strict):
    min: Integer
    max: Integer

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        return self


class Limits(_Strict):
    score: Range = Range(min=0, max=LARGEST_INTEGER)
    perSecond: Annotated[float, Field(gt=0, le=LARGEST_INTEGER, allow_inf_nan=False)] | None = None
    playMs: Range = Range(min=1000, max=3_600_000)
    graceMs: Milliseconds = 90_000
    pauseMs: Milliseconds = 1000
    """Enough for the round trips to the edge. A game that can be paused needs more."""
    metaBytes: Annotated[int, Field(strict=True, ge=0, le=4000)] = 128
    """It is stored in the player's row, so every read of the whole board pays for it."""

    @field_validator("playMs")
    @classmethod
    def _play_takes_time(cls, value: Range) -> Range:
        if value.min < 0:
            raise ValueError("min: a play cannot take less than 0 ms")
        return value


def _known_timezone(name: str) -> str:
    # The Lambdas carry this package's zones and know no others.
    zones = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    if name not in zones:
        raise ValueError(f"{name!r} is not an IANA time zone such as Asia/Tokyo or UTC")
    return name


class Game(_Strict):
    title: Annotated[str, Field(min_length=1, max_length=80)]
    order: Annotated[list[tuple[Key, Direction]], Field(min_length=1, max_length=3)]
    topN: Annotated[int, Field(strict=True, ge=1, le=1000)] = 100
    periods: Annotated[list[Period], Field(min_length=1)] = ["all"]
    timezone: Annotated[str, AfterValidator(_known_timezone)] = "UTC"
    limits: Limits = Limits()
    identity: Literal["key", "open"] = "key"
    since: Annotated[date, Field(ge=NO_BOARD_BEFORE)] | None = None
    """The game's first day, in its time zone. Rankings of earlier periods do not exist. A game
    from before this field has none, and its first day is 2026-01-01."""

    @field_validator("order")
    @classmethod
    def _each_key_once(cls, value: list[tuple[Key, Direction]]) -> list[tuple[Key, Direction]]:
        _refuse_repeats([key for key, _ in value])
        return value

    @field_validator("periods")
    @classmethod
    def _each_period_once(cls, value: list[Period]) -> list[Period]:
        _refuse_repeats(value)
        return value


def _refuse_repeats(values: Sequence[str]) -> None:
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        raise ValueError(f"named twice: {', '.join(repeated)}")


def load_games(directory: Path = GAME_CONFIG_DIRECTORY) -> dict[str, Game]:
    """All games by id, or one ConfigError that lists every problem in every file."""
    games: dict[str, Game] = {}
    errors: list[ConfigError] = []
    for path in sorted(directory.glob("*.json")):
        try:
            games[_game_id(path)] = _read_game(path)
        except ConfigError as error:
            errors.append(error)
    if not games and not errors:
        errors.append(ConfigError(directory, "", "no game; add <game>.json"))
    if errors:
        raise ConfigError.joined(errors)
    return games


def _game_id(path: Path) -> str:
    if not re.fullmatch(GAME_ID, path.stem):
        raise ConfigError(
            path,
            "",
            "the file's name is the game's id in every address: lower-case letters, digits and "
            "hyphens, 32 at most",
        )
    return path.stem


def _read_game(path: Path) -> Game:
    try:
        content = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_no_duplicates)
    except ValueError as error:
        raise ConfigError(path, "", f"not JSON: {error}") from error
    try:
        return Game.model_validate(content)
    except ValidationError as error:
        raise ConfigError.joined(
            [
                ConfigError(path, place or "(the whole file)", problem)
                for place, problem in problems(error)
            ]
        ) from error


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"{next(key for key in keys if keys.count(key) > 1)!r} is there twice")
    return content


def runtime_form(games: dict[str, Game]) -> str:
    """What the Lambdas read: JSON with every default filled in, so they need no pydantic."""
    return json.dumps(
        {game_id: game.model_dump(mode="json") for game_id, game in games.items()},
        sort_keys=True,
        indent=1,
    )
