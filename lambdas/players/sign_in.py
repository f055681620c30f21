"""POST {API}/players/sign-in, …/me/identities and …/me/merge: whatever takes a provider's proof.

No other function of players carries the cryptography that verifies one.
"""

import json
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.players.accounts import Accounts
from lambdas.players.fetching import Fetcher
from lambdas.players.player_keys import board_player
from lambdas.players.points import levels_in
from lambdas.players.providers import Providers
from lambdas.players.routes import ROUTES, SIGN_IN
from lambdas.players.settings import SignInSettings
from lambdas.players.table import Account, PlayerTable
from lambdas.players.users import DEVICES, User
from lambdas.shared.aws import CONFIG
from lambdas.shared.http.endpoint import Answer, dispatch, endpoint
from lambdas.shared.http.origin_lock import origin_lock, published_name
from lambdas.shared.http.requests import Request
from lambdas.shared.keys.key_ring import key_ring
from lambdas.shared.keys.parameters import Parameters, read_parameter
from lambdas.shared.keys.player_tokens import Tokens
from lambdas.shared.keys.published import lock_reader

settings = SignInSettings.from_environment()
logger = Logger(service="players-sign-in")
table = PlayerTable(boto3.client("dynamodb", config=CONFIG), settings.player_table)
_lock_hashes = published_name(settings.origin_lock_parameter)
parameters = Parameters(
    _lock_hashes,
    settings.token_keys_parameter,
    settings.player_secret_parameter,
)
tokens = Tokens(key_ring(parameters.reader(settings.token_keys_parameter), logger))
providers = Providers.from_settings(settings.providers, Fetcher(), cache(read_parameter))
player_secret = cache(parameters.reader(settings.player_secret_parameter))
accounts = Accounts(
    table,
    levels_in(settings.levels),
    player_id_of=lambda user_id: board_player(player_secret(), user_id).id,
)


@cache
def functions() -> Any:
    # Made at the first link or merge: a client costs a tenth of a cold start.
    return boto3.client("lambda", config=CONFIG)


def _sign_in(request: Request) -> Answer:
    proof = providers.proof_in(request.body, request.now_s)
    signed_in = accounts.sign_in(proof, request.now_ms)
    log = {"provider": proof.identity.provider, "new_user": signed_in.created}
    return Answer(_granted(signed_in.account, request, created=signed_in.created), log=log)


def _link(request: Request) -> Answer:
    bearer = tokens.bearer(request.headers, request.now_s)
    proof = providers.proof_in(request.body, request.now_s)
    _gather(accounts.link(bearer, proof, request.now_ms))
    return Answer({"ok": True}, log={"provider": proof.identity.provider})


def _merge(request: Request) -> Answer:
    bearer = tokens.bearer(request.headers, request.now_s)
    proof = providers.proof_in(request.body, request.now_s)
    account = accounts.merge(bearer, proof, request.now_ms)
    _gather(account.user)
    log = {"provider": proof.identity.provider}
    return Answer(_granted(account, request, created=False), log=log)


def _gather(user: User) -> None:
    """Devices of an account with a lasting identity share one row on the boards."""
    if all(each.provider in DEVICES for each in user.identities):
        return
    event = json.dumps({"gather": user.id}).encode()
    try:
        functions().invoke(
            FunctionName=settings.persons_function, InvocationType="Event", Payload=event
        )
    except (BotoCoreError, ClientError):
        # The account is as it was asked for; the next link or merge gathers what was left.
        logger.exception("not gathered")


def _granted(account: Account, request: Request, *, created: bool) -> dict[str, Any]:
    user_id, now_s = account.user.id, request.now_s
    token, expires_s = tokens.new(user_id, account.stats.epoch, now_s, now_s)
    player = board_player(player_secret(), user_id)
    return {
        "userId": user_id,
        "created": created,
        "token": token,
        "expiresAt": expires_s,
        "player": {"id": player.id, "key": player.key},
    }


handler = endpoint(
    dispatch(
        ROUTES.keys(settings.api_base_path, *SIGN_IN),
        {"sign_in": _sign_in, "link": _link, "merge": _merge},
    ),
    lock=origin_lock(
        lock_reader(settings.origin_lock_parameter, parameters.reader(_lock_hashes)), logger
    ),
    logger=logger,
    tables=(table,),
)
