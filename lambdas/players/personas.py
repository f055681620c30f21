"""Characters, each described by a JSON file of the folder personas."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from lambdas.players.messages import LOCALES, Exchange
from lambdas.shared.http.errors import Malformed

FOLDER: Final = Path(__file__).with_name("personas")
CHARACTER: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_FIELDS: Final = {"name", "voice", "locales", "emotions", "score", "gameOver"}
_MOST_DAILY: Final = 1_000


class PersonaError(ValueError):
    def __init__(self, character: str, field: str, problem: str) -> None:
        super().__init__(f"personas/{character}.json: {field}: {problem}")


class ScoreRule(NamedTuple):
    least: int
    most: int
    daily: int
    """The most points a day."""
    rule: Mapping[str, str]
    """By locale: what the character likes and dislikes."""


class GameOver(NamedTuple):
    raw_at_most: int = -1
    in_a_row: int = 0
    """The session ends after so many messages in a row with such a score. 0: never."""
    after_messages: int = 0
    """0: never."""


class Persona(NamedTuple):
    id: str
    name: Mapping[str, str]
    voice: Mapping[str, str]
    locales: tuple[str, ...]
    emotions: tuple[str, ...]
    """The first is shown where the model names none of them."""
    score: ScoreRule
    game_over: GameOver

    def emotion(self, named: object) -> str:
        return next((each for each in self.emotions if each == named), self.emotions[0])

    def locale(self, asked: str | None) -> str:
        if asked is None:
            return self.locales[0]
        if asked not in self.locales:
            raise Malformed("locale", f"{self.id} speaks {', '.join(self.locales)}")
        return asked

    def is_over(self, history: Sequence[Exchange], raw: int | None, number: int) -> bool:
        """Whether the session ends with the answer of this score and number."""
        rule = self.game_over
        if rule.after_messages and number >= rule.after_messages:
            return True
        if not rule.in_a_row:
            return False
        scores = [*(each.reply.score_raw for each in history), raw][-rule.in_a_row :]
        low = [each is not None and each <= rule.raw_at_most for each in scores]
        return len(low) == rule.in_a_row and all(low)


class Personas:
    def __init__(self, personas: Mapping[str, Persona]) -> None:
        self._personas = personas

    def named(self, character: Any) -> Persona:
        persona = self._personas.get(character) if isinstance(character, str) else None
        if persona is None:
            raise Malformed("characterType", f"none of {', '.join(sorted(self._personas))}")
        return persona


def packaged(folder: Path = FOLDER) -> Personas:
    files = sorted(folder.glob("*.json"))
    return Personas(
        {file.stem: persona(file.stem, json.loads(file.read_text("utf-8"))) for file in files}
    )


def persona(character: str, content: Mapping[str, Any]) -> Persona:
    if not CHARACTER.fullmatch(character):
        raise PersonaError(character, "file name", "lower-case letters, digits and hyphens")
    if content.keys() != _FIELDS:
        wrong = ", ".join(sorted(content.keys() ^ _FIELDS))
        raise PersonaError(character, wrong, f"the fields are {', '.join(sorted(_FIELDS))}")
    locales = tuple(content["locales"])
    if not locales or not set(locales) <= set(LOCALES):
        raise PersonaError(character, "locales", f"some of {', '.join(LOCALES)}")
    emotions = tuple(content["emotions"])
    if not emotions:
        raise PersonaError(character, "emotions", "name at least one")
    return Persona(
        id=character,
        name=_texts(character, "name", content["name"], locales),
        voice=_texts(character, "voice", content["voice"], locales),
        locales=locales,
        emotions=emotions,
        score=_score(character, content["score"], locales),
        game_over=_game_over(character, content["gameOver"]),
    )


def _texts(character: str, field: str, value: Any, locales: Sequence[str]) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(value.get(locale) for locale in locales):
        raise PersonaError(character, field, f"a text for each of {', '.join(locales)}")
    return value


def _score(character: str, value: Mapping[str, Any], locales: Sequence[str]) -> ScoreRule:
    rule = ScoreRule(
        least=value["least"],
        most=value["most"],
        daily=value["daily"],
        rule=_texts(character, "score.rule", value["rule"], locales),
    )
    if not -5 <= rule.least <= 0 <= rule.most <= 10:
        raise PersonaError(character, "score", "least is -5 to 0, and most is 0 to 10")
    if not 0 <= rule.daily <= _MOST_DAILY:
        raise PersonaError(character, "score.daily", f"{rule.daily}; 0 to {_MOST_DAILY}")
    return rule


def _game_over(character: str, value: Mapping[str, int]) -> GameOver:
    rule = GameOver(
        raw_at_most=value.get("rawAtMost", -1),
        in_a_row=value.get("inARow", 0),
        after_messages=value.get("afterMessages", 0),
    )
    if not 0 <= rule.in_a_row <= 6:
        raise PersonaError(character, "gameOver.inARow", f"{rule.in_a_row}; 0 to 6")
    return rule
