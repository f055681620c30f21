"""POST {API}/chat/session and {API}/chat, GET {API}/chat/{sessionId}/messages."""

from functools import cache, partial
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.players import answers
from lambdas.players.accounts import Accounts
from lambdas.players.bedrock import CONFIG as BEDROCK_CONFIG
from lambdas.players.bedrock import BedrockCharacter
from lambdas.players.budget import Budget
from lambdas.players.conversation import Conversation, Limits
from lambdas.players.errors import UnknownSession
from lambdas.players.items_table import MESSAGE, message_json
from lambdas.players.messages import read_message, read_session_id
from lambdas.players.personas import packaged
from lambdas.players.player_keys import board_player
from lambdas.players.points import level_of, levels_in
from lambdas.players.routes import CHAT, ROUTES
from lambdas.players.sessions import Sessions, read_session
from lambdas.players.settings import ChatSettings
from lambdas.players.table import PlayerTable
from lambdas.shared.aws import CONFIG
from lambdas.shared.http.endpoint import Answer, dispatch, endpoint
from lambdas.shared.http.errors import Malformed
from lambdas.shared.http.origin_lock import origin_lock, published_name
from lambdas.shared.http.requests import Request
from lambdas.shared.keys.key_ring import key_ring
from lambdas.shared.keys.parameters import Parameters
from lambdas.shared.keys.player_tokens import Bearer, NoToken, Tokens
from lambdas.shared.keys.published import lock_reader

settings = ChatSettings.from_environment()
logger = Logger(service="players-chat")
table = PlayerTable(boto3.client("dynamodb", config=CONFIG), settings.player_table)
_lock_hashes = published_name(settings.origin_lock_parameter)
parameters = Parameters(
    _lock_hashes,
    settings.token_keys_parameter,
    settings.player_secret_parameter,
)
tokens = Tokens(key_ring(parameters.reader(settings.token_keys_parameter), logger))
levels = levels_in(settings.levels)
personas = packaged()
player_secret = cache(parameters.reader(settings.player_secret_parameter))


@cache
def _bedrock() -> Any:
    # Made at the first message: a client costs a tenth of a cold start.
    return boto3.client("bedrock-runtime", config=BEDROCK_CONFIG)


conversation = Conversation(
    table,
    BedrockCharacter(
        _bedrock,
        model_id=settings.model_id,
        most_tokens=settings.most_tokens,
        guardrail=settings.guardrail,
    ),
    Budget(
        table,
        settings.model_calls_a_day if settings.model_id else 0,
        on_spent=partial(logger.warning, "budget of model calls spent"),
    ),
    personas,
    Limits(
        levels=levels,
        messages_a_day=settings.messages_a_day,
        message_days=settings.message_days,
    ),
)
sessions = Sessions(
    table,
    Accounts(
        table,
        levels,
        player_id_of=lambda user_id: board_player(player_secret(), user_id).id,
    ),
    level=level_of(0, levels),
)


def _session(request: Request) -> Answer:
    bearer = tokens.perhaps(request.headers, request.now_s)
    character, username = read_session(request.body, personas)
    log = {"character": character, "guest": bearer is None}
    if bearer is not None:
        session_id = sessions.begin(bearer, character, username, request.now_ms)
    elif settings.guests:
        session_id = sessions.begin_as_guest(character, username, request.now_ms)
    else:
        raise NoToken
    return Answer({"sessionId": session_id}, log=log)


def _say(request: Request) -> Answer:
    bearer = tokens.perhaps(request.headers, request.now_s)
    exchange = conversation.say(read_message(request.body), bearer, request.now_ms)
    return Answer(answers.answered(exchange, levels))


def _messages(request: Request) -> Answer:
    """Newest first."""
    bearer = tokens.perhaps(request.headers, request.now_s)
    limit = answers.limit_in(request.query)
    after = answers.cursor_in(request.query, 1)
    if after is not None and not after[0].startswith(MESSAGE):
        raise Malformed("cursor", "not one that was given here")
    session_id = read_session_id(request.path["sessionId"])
    session = table.session(session_id)
    if session is None:
        raise UnknownSession
    who = conversation.check_speaker(session, bearer)
    if bearer is None and not _is_guest_still(who):
        raise NoToken
    page = table.messages(session_id, after=after[0] if after else None, limit=limit)
    cursor = None if page.next is None else answers.cursor(page.next)
    return Answer({"messages": [message_json(item) for item in page.items], "cursor": cursor})


def _is_guest_still(guest: Bearer) -> bool:
    """Once the account has another identity, the session's id opens nothing."""
    stats = table.stats(guest.user_id)
    return stats is not None and stats.guest


handler = endpoint(
    dispatch(
        ROUTES.keys(settings.api_base_path, *CHAT),
        {"session": _session, "say": _say, "messages": _messages},
    ),
    lock=origin_lock(
        lock_reader(settings.origin_lock_parameter, parameters.reader(_lock_hashes)), logger
    ),
    logger=logger,
    tables=(table,),
)
