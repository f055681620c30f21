"""The port through which the chat asks a character."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from lambdas.players.messages import Exchange
from lambdas.players.personas import Persona


class Line(NamedTuple):
    """What the character says, and its advice."""

    text: str
    score: int | None
    """From 0 to 100; None where it gave no number."""
    emotion: str
    tokens: int


class Character(Protocol):
    def speak(
        self,
        persona: Persona,
        history: Sequence[Exchange],
        text: str,
        *,
        locale: str,
        username: str | None,
    ) -> Line:
        """Raises CharacterSilent where the same message may be answered a moment later."""
        ...
