"""What players cost: sign-ins, messages with and without the model, points."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from config import units
from config.capabilities import players
from config.capabilities.players import Character, Players
from config.environments import Environment
from config.units import Usage
from operations.costs.bill import stored
from operations.costs.month import DAYS, Month, Quantity
from operations.costs.part import Ceiling, Part

INPUT_TOKENS: Final = 1_100
"""Voice, rules and a history of six messages of each side."""
OUTPUT_TOKENS: Final = 120
_MESSAGE_BYTES: Final = 900
"""Both sides of it, and its point event."""
_MOST_TEXT_BYTES: Final = 500 * 4

MODEL: Final = Usage({"bedrock.input_tokens": INPUT_TOKENS, "bedrock.output_tokens": OUTPUT_TOKENS})
"""One call, at the price of the model in the table of prices."""
USER_READ: Final = Usage({"x.user_reads": 1})
"""X bills the request that says who has signed in."""
RANKED: Final = Usage({"lambda.requests": 1, "dynamodb.reads": 1, "dynamodb.writes": 1})
"""A batch of changes that moves a row of the ranking."""

QUANTITIES: Final = (
    Quantity(name="messages", default=0, help="messages to characters in the month", variable=True),
    Quantity(
        name="sign_ins", default=0, help="sign-ins in the month, half of them new", variable=True
    ),
    Quantity(
        name="x_sign_ins",
        default=0,
        help="how many of the sign-ins are with X, which bills each",
        variable=True,
    ),
)


def assumed(month: Month) -> Iterator[str]:
    if month["messages"]:
        yield f"{month['messages']:,g} messages to characters"


def environment_for(month: Month, environment: Environment) -> Environment:
    """An estimate with messages assumes that players are deployed."""
    if (month["messages"] or month["sign_ins"]) and environment.given(Players) is None:
        assumed = Players(character=Character(model="amazon.nova-micro-v1:0"))
        return replace(environment, capabilities=(*environment.capabilities, assumed))
    return environment


def parts(month: Month, environment: Environment) -> Iterator[Part]:
    settings = environment.given(Players)
    if settings is None:
        return
    yield Part("players", _players(month, settings))
    yield Part("characters' model", _model(month, settings))
    yield Part("X, for its user reads", USER_READ * month["x_sign_ins"])


def _players(month: Month, settings: Players) -> Usage:
    half = month["sign_ins"] / 2
    kept = settings.character.message_days or 365
    return (
        (players.KNOWN + players.NEW) * half
        + (players.MESSAGE + RANKED) * month["messages"]
        + stored(month["messages"] * _MESSAGE_BYTES * kept / DAYS)
    )


def _model(month: Month, settings: Players) -> Usage:
    """No more than the account's budget lets through."""
    character = settings.character
    if not character.model:
        return units.NOTHING
    return MODEL * min(month["messages"], character.calls_a_day * month.days)


def requests() -> dict[str, Usage]:
    return {
        "players: a sign-in": players.KNOWN,
        "players: a sign-in that makes an account": players.NEW,
        "players: a sign-in with X": players.KNOWN + USER_READ,
        "players: the profile": players.PROFILE,
        "players: a message, without the model": players.MESSAGE,
        "players: a message, with the model": players.MESSAGE + MODEL,
        "players: the same message again": players.AGAIN,
        "players: a reward": players.CLAIM,
    }


def ceilings() -> Iterator[Ceiling]:
    settings = Players()
    longest = Usage({"dynamodb.writes": 8, "cloudfront.upload": _MOST_TEXT_BYTES / units.GB})
    yield Ceiling(
        "players, each sign-in a new account",
        settings.new_accounts.requests_per_second,
        players.NEW,
    )
    yield Ceiling(
        "messages to characters, the longest, without the model",
        settings.requests_per_second,
        players.MESSAGE + longest,
    )
    yield Ceiling(
        "model calls, to the day's budget",
        round(settings.character.calls_a_day / 86_400, 3),
        MODEL,
    )
