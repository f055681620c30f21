"""Players: who they are, what they say to the characters, and their points."""

import re
from collections.abc import Mapping
from dataclasses import field
from itertools import pairwise
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from config import names
from config.alarms import HOUR, Alarm, Filter
from config.manifest import (
    CachePolicy,
    Capability,
    Function,
    LogTable,
    Pattern,
    Rule,
    Table,
    own_endpoint,
)
from config.model import CapabilitySettings, model
from config.settings import Throttle
from config.units import THROUGH_THE_SITE, Usage

_ADDRESS: Final = re.compile(
    r"https://[^\s?#]+|http://(localhost|[^\s/?#]+\.localhost)(:\d+)?(/[^\s?#]*)?"
)
_LOCAL: Final = "http://{}.htmlgame.localhost"
"""Every local cloud resolves it to the stand-ins that it started with."""


def _address(value: str) -> str:
    if value and not _ADDRESS.fullmatch(value):
        raise ValueError(f"{value!r} is not an address, such as https://example.org/play")
    return value


def _levels(value: tuple[int, ...]) -> tuple[int, ...]:
    if not value or value[0] != 0 or any(a >= b for a, b in pairwise(value)):
        raise ValueError(f"{value}; levels must begin with 0 and increase, such as (0, 50, 150)")
    return value


def _rewards(value: Mapping[int, int]) -> Mapping[int, int]:
    if any(rank < 1 or points < 1 for rank, points in value.items()):
        raise ValueError(
            f"{dict(value)}; ranks and points begin with 1, such as {{1: 100, 10: 20}}"
        )
    return value


@model
class Privy:
    """Players sign in with Privy."""

    app_id: Annotated[str, Field(min_length=1, max_length=100)]
    jwks: Annotated[str, AfterValidator(_address)] = ""
    """Where the keys are published; empty for Privy's own address."""
    page: Annotated[str, AfterValidator(_address)] = ""
    """Your page that signs players in with Privy's library and returns with the tokens."""


@model
class X:
    """Players sign in with X. The client's secret is in the SSM parameter X_SECRET."""

    client_id: Annotated[str, Field(min_length=1, max_length=200)]
    redirect: Annotated[str, AfterValidator(_address)]
    """The page that X sends players back to, as it is registered there."""
    api: Annotated[str, AfterValidator(_address)] = ""
    authorize: Annotated[str, AfterValidator(_address)] = "https://x.com/i/oauth2/authorize"


@model
class Character:
    """Who speaks, and what that may cost. Without a model the characters are asleep."""

    model: str = ""
    """The id of a model of Amazon Bedrock, or of an inference profile."""
    guardrail: str = ""
    """The identifier and version of a guardrail: abc123:1"""
    messages_a_day: Annotated[int, Field(ge=1, le=10_000)] = 100
    """Of one player."""
    calls_a_day: Annotated[int, Field(ge=0)] = 5_000
    """Of the whole account: beyond it the characters sleep until midnight, UTC."""
    most_tokens: Annotated[int, Field(ge=50, le=1_000)] = 300
    message_days: Annotated[int, Field(ge=0)] = 365
    """How long messages are kept; 0 keeps them until their player is erased."""
    guests: bool = True
    """Whether a session may begin without a token."""


@model
class Players(Throttle, CapabilitySettings):
    requests_per_second: Annotated[float, Field(ge=1)] = 50
    burst: Annotated[int, Field(ge=1)] = 100
    new_accounts: Throttle = field(
        default_factory=lambda: Throttle(requests_per_second=5, burst=20)
    )
    """Of sign-in, and of conversations that begin: each may make an account, which stays."""
    privy: Privy | None = None
    x: X | None = None
    character: Character = field(default_factory=Character)
    levels: Annotated[tuple[int, ...], AfterValidator(_levels)] = (0, 50, 150, 400, 1_000)
    """The points at which each intimacy level begins."""
    rewards: Annotated[Mapping[int, int], AfterValidator(_rewards)] = field(
        default_factory=lambda: {1: 100, 3: 50, 10: 20}
    )
    """Points for ranks on closed boards: 100 for the first, 50 up to rank 3, 20 up to 10."""

    def providers(self) -> dict[str, Any]:
        """What the function that signs in reads, by provider."""
        found: dict[str, Any] = {"key": {}, "guest": {}}
        if self.privy is not None:
            found["privy"] = {"appId": self.privy.app_id, "jwks": self.privy.jwks}
        if self.x is not None:
            found["x"] = {
                "clientId": self.x.client_id,
                "redirectUri": self.x.redirect,
                "secretParameter": X_SECRET,
                "api": self.x.api,
            }
        return found


ENDPOINT: Final = own_endpoint("players")
TABLE: Final = Table(
    id="PlayerTable",
    parameter=names.parameter("players", "table"),
    streams=True,
    streams_old=True,
    stream_filters=(
        {"dynamodb": {"Keys": {"PK": {"S": [{"prefix": "U#"}]}, "SK": {"S": ["STATS", "USER"]}}}},
    ),
    holds=("accounts",),
    forgetter_may=(
        "GetItem",
        "Query",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "BatchWriteItem",
    ),
)
TOKEN_KEYS: Final = names.parameter("players", "token-keys")
"""The keys that sign the tokens of signed-in players."""
PLAYER_SECRET: Final = names.parameter("players", "player-secret")
"""What players' keys for the boards are derived from. It never rotates."""
X_SECRET: Final = names.parameter("players", "x-client-secret")
"""You write it: the secret of your client at X."""
LOCAL_ADDRESS: Final = names.parameter("local", "players")
"""Where the stand-ins for Privy and X answer, on this machine alone."""

SIGN_IN: Final = Function(
    id="SignIn",
    name=f"{names.PROJECT}-players-sign-in",
    module="lambdas.players.sign_in",
    libraries=("identity",),
)
ME: Final = Function(
    id="Me", name=f"{names.PROJECT}-players-me", module="lambdas.players.me", timeout_seconds=20
)
CHAT: Final = Function(
    id="Chat",
    name=f"{names.PROJECT}-players-chat",
    module="lambdas.players.chat",
    # Less than the lease of a message that is being answered.
    timeout_seconds=15,
    files=("lambdas/players/personas/*.json",),
    # A model takes seconds, and must not take the concurrency that scores need.
    share=0.1,
)
RANK: Final = Function(
    id="Rank",
    name=f"{names.PROJECT}-players-rank",
    module="lambdas.players.rank",
    timeout_seconds=60,
)
ERASE: Final = Function(
    id="Erase",
    name=f"{names.PROJECT}-players-erase",
    module="lambdas.players.erase",
    timeout_seconds=14 * 60,
    rules=(
        Rule(
            id="GoOnErasing", schedule="rate(1 hour)", description="Continues interrupted erasures"
        ),
    ),
    knows_games=True,
    forgets=True,
)
KEYS: Final = Function(
    id="Keys",
    name=f"{names.PROJECT}-players-keys",
    module="lambdas.players.keys_resource",
    timeout_seconds=60,
    rules=(Rule(id="Monthly", schedule="rate(30 days)"),),
)
RANKING_CACHE: Final = CachePolicy(
    id="PointsCache",
    name=f"{names.PROJECT}-players-ranking",
    comment="One ranking by points for everybody, a few seconds old",
    most_seconds=60,
)

KNOWN: Final = THROUGH_THE_SITE + Usage({"dynamodb.reads": 2})
"""A sign-in with an identity that has an account, without what its provider bills."""
NEW: Final = THROUGH_THE_SITE + Usage({"dynamodb.reads": 2, "dynamodb.writes": 6})
PROFILE: Final = THROUGH_THE_SITE + Usage({"dynamodb.reads": 1})
MESSAGE: Final = THROUGH_THE_SITE + Usage({"dynamodb.reads": 2.5, "dynamodb.writes": 7})
"""A message that is answered, without the model."""
AGAIN: Final = THROUGH_THE_SITE + Usage({"dynamodb.reads": 2})
CLAIM: Final = THROUGH_THE_SITE + Usage({"dynamodb.reads": 4, "dynamodb.writes": 8})

_SPENT: Final = "ModelBudgetSpent"
_SILENT: Final = "CharacterSilent"
_CHAT_LOG: Final = (names.function_log_group(CHAT.name),)

CAPABILITY: Final = Capability(
    name="players",
    summary="Players: identity, chat with characters, points.",
    settings=Players,
    local=Players(
        requests_per_second=200,
        burst=400,
        new_accounts=Throttle(requests_per_second=200, burst=400),
        privy=Privy(app_id="local", jwks=_LOCAL.format("privy") + "/jwks.json"),
        x=X(
            client_id="local",
            redirect="http://localhost:8000/characters.html",
            api=_LOCAL.format("x"),
        ),
        character=Character(model="local.character", message_days=0),
    ),
    complete=Players(
        privy=Privy(app_id="example"),
        x=X(client_id="example", redirect="https://games.example.com/characters.html"),
        character=Character(model="us.amazon.nova-micro-v1:0", guardrail="abc123example:1"),
    ),
    functions=(SIGN_IN, ME, CHAT, RANK, ERASE, KEYS),
    tables=(TABLE,),
    cache_policies=(RANKING_CACHE,),
    endpoints=(ENDPOINT,),
    patterns=(
        Pattern(path="players/ranking", cache_policy=RANKING_CACHE.name),
        Pattern(path="players/*", writes=True),
        Pattern(path="chat*", writes=True),
    ),
    parameters=(TOKEN_KEYS, PLAYER_SECRET),
    player_tokens=TOKEN_KEYS,
    alarms=(
        Alarm(
            name="model-budget-spent",
            means="The day's budget of model calls is spent: the characters sleep until midnight.",
            first="htmlgame players budget; a flood of new accounts, or raise calls_a_day.",
            metric=_SPENT,
            filters=(
                Filter(
                    metric=_SPENT,
                    groups=_CHAT_LOG,
                    pattern='{ $.message = "budget of model calls spent" }',
                ),
            ),
            period=HOUR,
            threshold=1,
            shown=True,
        ),
        Alarm(
            name="characters-silent",
            means="The model does not answer: at least ten messages an hour got no reply.",
            first="htmlgame doctor, then the log of htmlgame-players-chat and Bedrock's quotas.",
            metric=_SILENT,
            filters=(
                Filter(
                    metric=_SILENT,
                    groups=_CHAT_LOG,
                    pattern='{ $.refused = "character_silent" }',
                ),
            ),
            period=HOUR,
            threshold=10,
        ),
    ),
    units={
        "sign-in": KNOWN,
        "sign-in, new account": NEW,
        "profile": PROFILE,
        "message": MESSAGE,
        "the same message again": AGAIN,
        "reward": CLAIM,
    },
    log_tables=(
        LogTable(
            title="Sign-ins by provider",
            function=SIGN_IN.name,
            query=(
                "filter ispresent(provider)",
                "stats count(*) as sign_ins, sum(new_user) as new_accounts by provider",
                "sort sign_ins desc",
            ),
        ),
        LogTable(
            title="Messages refused, and why",
            function=CHAT.name,
            query=(
                "filter ispresent(refused)",
                "stats count(*) as refusals by refused",
                "sort refusals desc",
            ),
        ),
    ),
)
