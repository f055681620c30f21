"""PlayersStack: accounts of players, their chat and their points."""

import json
from collections.abc import Iterator
from typing import Final

from tests.stacks.intent.environments import Environment
from tests.stacks.intent.rows import (
    HERE,
    LOCK,
    LOCK_HASHES,
    Api,
    CustomResource,
    Function,
    Json,
    Route,
    Row,
    Table,
    allow,
    check_the_lock,
    function,
    libraries,
    parameter,
    published,
)
from tests.stacks.intent.telemetry import HASH_KEY
from tests.stacks.policies import REGION

STACK: Final = "PlayersStack"
TABLE: Final = "{PlayerTable.Arn}"
STREAM: Final = "{PlayerTable.StreamArn}"
TOKEN_KEYS: Final = "/htmlgame/players/token-keys"
PLAYER_SECRET: Final = "/htmlgame/players/player-secret"
X_SECRET: Final = "/htmlgame/players/x-client-secret"
_CHANGES_ACCOUNTS: Final = (
    "dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem"
)
_ANYWHERE: Final = f"{TABLE} if ForAllValues:StringLike dynamodb:LeadingKeys=*"
_SESSIONS: Final = (
    f"arn:aws:dynamodb:{HERE}:table/{{/htmlgame/telemetry/telemetry-table}}"
    " if ForAllValues:StringLike dynamodb:LeadingKeys=P#* or PL#*"
)
_CUSTOM_DATA: Final = (
    f"arn:aws:dynamodb:{HERE}:table/{{/htmlgame/telemetry/data-table}}"
    " if ForAllValues:StringLike dynamodb:LeadingKeys=*"
)
_SCORES: Final = f"arn:aws:dynamodb:{HERE}:table/{{/htmlgame/score-api/table-name}}"
_BOARDS: Final = f"{_SCORES} if ForAllValues:StringLike dynamodb:LeadingKeys=G#*#P#*"


def rows(environment: Environment) -> Iterator[Row]:
    if not environment.players:
        return
    for part in (
        Table(id="PlayerTable", stream="NEW_AND_OLD_IMAGES"),
        _keys(environment),
        CustomResource(id="TokenKeys", provider="KeysProvider", handler="players-keys"),
        _sign_in(environment),
        _me(),
        _chat(environment),
        _rank(),
        _erase(),
        _api(environment),
    ):
        yield from part.rows(STACK, environment)
    yield from libraries(STACK, signing=False)
    yield "AWS::Lambda::LayerVersion", f"{STACK} LibrariesIdentity", {}
    yield _woken_by_the_stream()
    yield from published(
        {
            "/htmlgame/players/api-endpoint": "{Api.ApiEndpoint}/prod",
            "/htmlgame/players/table": "{PlayerTable}",
        }
    )


def _keys(environment: Environment) -> Function:
    return Function(
        id="Keys",
        name="players-keys",
        module="players.keys_resource",
        may=[
            *allow("ssm:GetParameter ssm:PutParameter ssm:DeleteParameter", parameter(TOKEN_KEYS)),
            *allow("ssm:PutParameter ssm:DeleteParameter", parameter(PLAYER_SECRET)),
        ],
        settings={
            "TOKEN_KEYS_PARAMETER": TOKEN_KEYS,
            "PLAYER_SECRET_PARAMETER": PLAYER_SECRET,
            # Kept as long as the table: players' rows on the boards are made of it.
            "KEEP_PLAYER_SECRET": "0" if environment.local else "1",
        },
        timeout=60,
        schedules={"Monthly": "rate(30 days)"},
    )


_COMMON: Final = {
    "PLAYER_TABLE": "{PlayerTable}",
    "ORIGIN_LOCK_PARAMETER": LOCK,
    "TOKEN_KEYS_PARAMETER": TOKEN_KEYS,
    "API_BASE_PATH": "/api",
    "LEVELS": "0,50,150,400,1000",
}


def _compact(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"))


def _providers(environment: Environment) -> str:
    local = environment.local
    here = "http://{}.htmlgame.localhost"
    jwks = here.format("privy") + "/jwks.json" if local else ""
    site = "http://localhost:8000" if local else "https://games.example.com"
    return _compact(
        {
            "key": {},
            "guest": {},
            "privy": {"appId": "local" if local else "example", "jwks": jwks},
            "x": {
                "clientId": "local" if local else "example",
                "redirectUri": f"{site}/characters.html",
                "secretParameter": X_SECRET,
                "api": here.format("x") if local else "",
            },
        }
    )


def _sign_in(environment: Environment) -> Function:
    return Function(
        id="SignIn",
        name="players-sign-in",
        module="players.sign_in",
        may=[
            *allow(_CHANGES_ACCOUNTS, TABLE),
            *check_the_lock(),
            *allow("ssm:GetParameters", *map(parameter, [LOCK_HASHES, TOKEN_KEYS, PLAYER_SECRET])),
            *allow("ssm:GetParameter", parameter(X_SECRET)),
            # brings the rows of a device to the account
            *allow("lambda:InvokeFunction", function("players-erase")),
        ],
        settings={
            **_COMMON,
            "PLAYER_SECRET_PARAMETER": PLAYER_SECRET,
            "PERSONS_FUNCTION": "htmlgame-players-erase",
            "PROVIDERS": _providers(environment),
        },
        layers=("Identity",),
        after=["TokenKeys"],
    )


def _me() -> Function:
    return Function(
        id="Me",
        name="players-me",
        module="players.me",
        may=[
            *allow(_CHANGES_ACCOUNTS, TABLE),
            *check_the_lock(),
            *allow("ssm:GetParameters", *map(parameter, [LOCK_HASHES, TOKEN_KEYS])),
            *allow("lambda:InvokeFunction", function("players-erase")),
        ],
        settings={
            **_COMMON,
            "BOARDS_ADDRESS": "{/htmlgame/score-api/api-endpoint}",
            "PERSONS_FUNCTION": "htmlgame-players-erase",
            "REWARDS": '{"1":100,"3":50,"10":20}',
        },
        timeout=20,
        after=["TokenKeys"],
    )


def _chat(environment: Environment) -> Function:
    local = environment.local
    bedrock = f"arn:aws:bedrock:{HERE}"
    models = (
        [f"arn:aws:bedrock:{REGION}::foundation-model/local.character"]
        if local
        else [
            "arn:aws:bedrock:*::foundation-model/amazon.nova-micro-v1:0",
            f"{bedrock}:inference-profile/us.amazon.nova-micro-v1:0",
        ]
    )
    guarded = [] if local else allow("bedrock:ApplyGuardrail", f"{bedrock}:guardrail/abc123example")
    return Function(
        id="Chat",
        name="players-chat",
        module="players.chat",
        may=[
            *allow(
                "dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem"
                " dynamodb:ConditionCheckItem",
                TABLE,
            ),
            *check_the_lock(),
            *allow("ssm:GetParameters", *map(parameter, [LOCK_HASHES, TOKEN_KEYS, PLAYER_SECRET])),
            *allow("bedrock:InvokeModel", *models, f"{bedrock}:project/default"),
            *guarded,
        ],
        settings={
            **_COMMON,
            "PLAYER_SECRET_PARAMETER": PLAYER_SECRET,
            "MODEL_ID": "local.character" if local else "us.amazon.nova-micro-v1:0",
            "GUARDRAIL": "" if local else "abc123example:1",
            "MESSAGES_A_DAY": "100",
            "MODEL_CALLS_A_DAY": "5000",
            "MOST_TOKENS": "300",
            "MESSAGE_DAYS": "0" if local else "365",
            "GUESTS": "1",
        },
        timeout=15,
        at_once=100,
        after=["TokenKeys"],
    )


def _rank() -> Function:
    return Function(
        id="Rank",
        name="players-rank",
        module="players.rank",
        may=[
            *allow("dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:DeleteItem", TABLE),
            *allow("dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator", STREAM),
            *allow("dynamodb:ListStreams", "*"),  # takes no resource
        ],
        settings={"PLAYER_TABLE": "{PlayerTable}"},
        timeout=60,
    )


def _erase() -> Function:
    """Whatever concerns a person in all capabilities."""
    return Function(
        id="Erase",
        name="players-erase",
        module="players.erase",
        may=[
            *allow(f"{_CHANGES_ACCOUNTS} dynamodb:BatchWriteItem", _ANYWHERE),
            *allow(
                "dynamodb:BatchGetItem dynamodb:Query dynamodb:BatchWriteItem dynamodb:PutItem"
                " dynamodb:DeleteItem",
                _BOARDS,
            ),
            *allow("dynamodb:DescribeTable", _SCORES),
            # what the browsers of the account have left under the keys that are shown
            *allow("dynamodb:BatchWriteItem dynamodb:Query dynamodb:UpdateItem", _SESSIONS),
            *allow("dynamodb:BatchWriteItem dynamodb:GetItem dynamodb:Query", _CUSTOM_DATA),
            *allow("ssm:GetParameter", parameter(HASH_KEY)),
            # boards follow once rows have gone or moved
            *allow("lambda:InvokeFunction", function("refresh-ranking"), function("trim-top")),
        ],
        settings={
            "PLAYER_TABLE": "{PlayerTable}",
            "SCORE_TABLE": "{/htmlgame/score-api/table-name}",
            "TELEMETRY_TABLE": "{/htmlgame/telemetry/telemetry-table}",
            "DATA_TABLE": "{/htmlgame/telemetry/data-table}",
            "HASH_KEY_PARAMETER": HASH_KEY,
            "REFRESH_RANKING_FUNCTION": "htmlgame-refresh-ranking",
            "TRIM_TOP_FUNCTION": "htmlgame-trim-top",
        },
        timeout=14 * 60,
        events={
            "GoOnErasing": {
                "ScheduleExpression": "rate(1 hour)",
                "Description": "Continues interrupted erasures",
            }
        },
    )


def _api(environment: Environment) -> Api:
    new = (200, 400) if environment.local else (5, 20)  # each may make an account, which stays
    return Api(
        name="players",
        a_second=200 if environment.local else 50,
        burst=400 if environment.local else 100,
        routes=[
            Route(route="POST /api/players/sign-in", function="players-sign-in", throttle=new),
            Route(route="POST /api/players/me/identities", function="players-sign-in"),
            Route(route="POST /api/players/me/merge", function="players-sign-in"),
            *(
                Route(route=route, function="players-me")
                for route in (
                    "POST /api/players/renew",
                    "GET /api/players/me",
                    "PUT /api/players/me",
                    "DELETE /api/players/me",
                    "POST /api/players/me/export",
                    "DELETE /api/players/me/tokens",
                    "DELETE /api/players/me/identities/{provider}",
                    "GET /api/players/me/points",
                    "GET /api/players/me/export",
                    "POST /api/players/me/claim",
                    "GET /api/players/ranking",
                )
            ),
            Route(route="POST /api/chat/session", function="players-chat", throttle=new),
            Route(route="POST /api/chat", function="players-chat"),
            Route(route="GET /api/chat/{sessionId}/messages", function="players-chat"),
        ],
    )


def _woken_by_the_stream() -> Row:
    """By changes of accounts alone."""
    accounts = {"PK": {"S": [{"prefix": "U#"}]}, "SK": {"S": ["STATS", "USER"]}}
    pattern = json.dumps({"dynamodb": {"Keys": accounts}}, separators=(",", ":"))
    row = {
        "EventSourceArn": STREAM,
        "FunctionName": "htmlgame-players-rank",
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 1,
        "BisectBatchOnFunctionError": True,
        "StartingPosition": "TRIM_HORIZON",
        "FilterCriteria": {"Filters": [{"Pattern": pattern}]},
    }
    return "AWS::Lambda::EventSourceMapping", "htmlgame-players-rank", row
