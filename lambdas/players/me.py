"""What signed-in players ask of their own account, and the ranking that everybody reads."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config

from lambdas.players import answers
from lambdas.players.accounts import Accounts
from lambdas.players.boards import (
    Boards,
    PublishedBoards,
    check_closed,
    json_of,
    read_board,
    reward,
    rewards_in,
)
from lambdas.players.erasing import begin_erasing, removal_json
from lambdas.players.export import Position, part
from lambdas.players.fetching import Fetcher
from lambdas.players.items_table import board_row_item, event_from
from lambdas.players.ledger import Ledger
from lambdas.players.names import display_name
from lambdas.players.points import Award, levels_in
from lambdas.players.rank_table import RankTable
from lambdas.players.ranks import SHOWN
from lambdas.players.routes import ME, ROUTES
from lambdas.players.settings import MeSettings
from lambdas.players.shown_keys import ShownKey, body_in, keys_in
from lambdas.players.table import PlayerTable
from lambdas.shared.aws import CONFIG
from lambdas.shared.http.bodies import object_in
from lambdas.shared.http.endpoint import Answer, dispatch, endpoint
from lambdas.shared.http.errors import Busy, Malformed
from lambdas.shared.http.origin_lock import accepted_values, origin_lock, published_name
from lambdas.shared.http.requests import Request
from lambdas.shared.keys.key_ring import key_ring
from lambdas.shared.keys.parameters import Parameters, read_parameter
from lambdas.shared.keys.player_tokens import Bearer, Tokens
from lambdas.shared.keys.published import lock_reader
from lambdas.shared.records.job_table import JobTable
from lambdas.shared.records.jobs import Pseudonym
from lambdas.shared.values.clock import iso

OK: Final = {"ok": True}
REWARD: Final = "board"
RANKING_CACHE: Final = "public, max-age=5"
_PATIENCE: Final = Config(connect_timeout=1, read_timeout=12, retries={"total_max_attempts": 1})
"""Less than the function may run. An erasure goes on when nobody waits for it."""
_MOST_BODY_BYTES: Final = 1_024
_ELSEWHERE: Final = "elsewhere"
_PAGE: Final = 50

settings = MeSettings.from_environment()
logger = Logger(service="players-me")
client = boto3.client("dynamodb", config=CONFIG)
table = PlayerTable(client, settings.player_table)
ranking = RankTable(client, settings.player_table)
jobs = JobTable(client, settings.player_table)
_lock_hashes = published_name(settings.origin_lock_parameter)
parameters = Parameters(_lock_hashes, settings.token_keys_parameter)
tokens = Tokens(key_ring(parameters.reader(settings.token_keys_parameter), logger))
levels = levels_in(settings.levels)
rewards = rewards_in(settings.rewards)
ledger = Ledger(table, levels)


@cache
def functions() -> Any:
    # Made at the first erasure or export: a client costs a tenth of a cold start.
    return boto3.client("lambda", config=_PATIENCE)


def _nobody_is_made_here(_user_id: str) -> str:
    raise NotImplementedError


accounts = Accounts(table, levels, player_id_of=_nobody_is_made_here)
boards: Boards = PublishedBoards(
    Fetcher(),
    f"{settings.boards_address}{settings.api_base_path}/ranking",
    lambda: accepted_values(read_parameter(settings.origin_lock_parameter))[-1],
)


def _renew(request: Request) -> Answer:
    token = tokens.presented(request.headers)
    accounts.of(token.bearer)
    renewed, expires_s = tokens.new(token.user_id, token.epoch, request.now_s, token.signed_in_s)
    return Answer({"token": renewed, "expiresAt": expires_s})


def _me(request: Request) -> Answer:
    return Answer(answers.profile(accounts.of(_bearer(request)), levels))


def _change(request: Request) -> Answer:
    bearer = _bearer(request)
    sent = object_in(request.body, most_bytes=_MOST_BODY_BYTES, fields=("displayName",))
    if "displayName" not in sent:
        raise Malformed("displayName", "missing; null removes the name")
    value = sent["displayName"]
    name = None if value is None else display_name(value)
    for _ in range(2):
        account = accounts.of(bearer)
        if account.user.display_name == name or table.rename(
            account.user, name, iso(request.now_ms)
        ):
            return Answer(answers.profile(accounts.of(bearer), levels))
    raise Busy


def _erase(request: Request) -> Answer:
    bearer = _bearer(request)
    shown = keys_in(body_in(request.body))
    accounts.of(bearer)
    # Before the account is gone: a job that lost them could find nothing by them.
    known_as = _pseudonyms(shown)
    job = begin_erasing(table, jobs, lambda: accounts.of(bearer), request.now_ms, known_as)
    try:
        told = invoke({"jobId": job.id})
    except Exception:
        # The account is gone already; the scheduled function removes the rest.
        logger.exception("not erased at once", job=job.id)
        told = removal_json(job)
    return Answer(told, log={"job": job.id, "done": told["status"] == "done"})


def _pseudonyms(shown: Sequence[ShownKey]) -> tuple[Pseudonym, ...]:
    if not shown:
        return ()
    try:
        return tuple(Pseudonym(*each) for each in invoke({"shown": shown}))
    except Exception:
        logger.exception("keys not hashed")
        raise Busy from None


def _invoke(event: dict[str, Any]) -> Any:
    """The function that knows what every capability holds; it goes on beyond our patience."""
    answer = functions().invoke(
        FunctionName=settings.persons_function, Payload=json.dumps(event).encode()
    )
    told = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise RuntimeError(told.get("errorType"))
    return told


invoke = _invoke


def _revoke(request: Request) -> Answer:
    table.revoke(accounts.of(_bearer(request)).stats)
    return Answer(OK)


def _unlink(request: Request) -> Answer:
    provider, subject = request.path["provider"], request.query.get("subject")
    accounts.unlink(_bearer(request), provider, subject, request.now_ms)
    return Answer(OK)


def _points(request: Request) -> Answer:
    """Newest first; the ledgers of merged accounts follow."""
    bearer, limit = _bearer(request), answers.limit_in(request.query)
    after = answers.cursor_in(request.query, 2)
    account = accounts.of(bearer)
    user_id, sort = after or (account.user.id, "")
    ids = account.user.ids
    if user_id not in ids:
        raise Malformed("cursor", "not one that was given here")
    page = table.events(user_id, after=sort or None, limit=limit)
    following = ids[ids.index(user_id) + 1 :]
    cursor = None
    if page.next is not None:
        cursor = answers.cursor(user_id, page.next)
    elif following:
        cursor = answers.cursor(following[0], "")
    events = [answers.event_json(event_from(item)) for item in page.items]
    stats = answers.stats_json(account.stats.total_points, levels)
    return Answer({"stats": stats, "events": events, "cursor": cursor})


def _export(request: Request) -> Answer:
    return _exported(request, answers.cursor_in(request.query, 3), ())


def _export_all(request: Request) -> Answer:
    """With what the person's browsers have left, by the keys that are shown with every page."""
    sent = body_in(request.body, "cursor")
    cursor = sent.get("cursor")
    if not isinstance(cursor, str | None):
        raise Malformed("cursor", "not one that was given here")
    query = {} if cursor is None else {"cursor": cursor}
    return _exported(request, answers.cursor_in(query, 3), keys_in(sent))


def _exported(request: Request, after: Sequence[str] | None, shown: Sequence[ShownKey]) -> Answer:
    """The data of this table, then that of the other capabilities."""
    user = accounts.of(_bearer(request)).user
    if after is not None and after[0] == _ELSEWHERE:
        return _told_elsewhere(user.id, after[1], after[2], request.now_ms, shown)
    position = Position()
    if after is not None:
        if not after[0].isdecimal():
            raise Malformed("cursor", "not one that was given here")
        position = Position(int(after[0][:4]), after[1], after[2])
    if position.session:
        session = table.session(position.session)
        if session is None or session.user_id not in user.ids:
            raise Malformed("cursor", "not one that was given here")
    found = part(table, user, position)
    following = found.next
    cursor = (
        answers.cursor(_ELSEWHERE, "", "")
        if following is None
        else answers.cursor(str(following.partition), following.after, following.session)
    )
    return Answer({"items": found.items, "cursor": cursor})


def _told_elsewhere(
    user_id: str, capability: str, after: str, now_ms: int, shown: Sequence[ShownKey]
) -> Answer:
    asked = {
        "user_id": user_id,
        "capability": capability,
        "after": after,
        "at_ms": now_ms,
        "shown": shown,
    }
    try:
        told = invoke({"export": asked})
    except Exception:
        logger.exception("not told")
        raise Busy from None
    following = told["next"]
    cursor = None if following is None else answers.cursor(_ELSEWHERE, *following)
    return Answer({"items": told["items"], "cursor": cursor})


def _claim(request: Request) -> Answer:
    bearer = _bearer(request)
    board = read_board(request.body)
    check_closed(board, request.now_ms)
    user = accounts.of(bearer).user
    before = table.receipt(user.id, board.reference)
    if before is not None:
        award, balance = before
        return Answer({"points": award.delta, "again": True, **_balance(balance)})
    player, rank, points = reward(boards.ranks(board), user.player_ids, rewards)
    award = Award(
        reference=board.reference,
        delta=points,
        reason=REWARD,
        metadata=json_of(game=board.game, period=board.period, rank=rank),
    )
    row = board_row_item(board.game, board.period, player, iso(request.now_ms))
    given = ledger.give(user.id, award, request.now_ms, also=(row,), epoch=bearer.epoch)
    body = {"points": given.delta, "again": given.again, "rank": rank, **_balance(given.balance)}
    return Answer(body, log={"game": board.game, "period": board.period})


def _balance(points: int) -> dict[str, Any]:
    return {"stats": answers.stats_json(points, levels)}


def _ranking(_request: Request) -> Answer:
    rows = ranking.rows()[:SHOWN]
    items = [
        {
            "rank": rank,
            "playerId": row.player_id,
            "displayName": row.name,
            **answers.stats_json(row.points, levels),
        }
        for rank, row in enumerate(rows, 1)
    ]
    return Answer({"items": items}, RANKING_CACHE)


def _bearer(request: Request) -> Bearer:
    return tokens.bearer(request.headers, request.now_s)


handler = endpoint(
    dispatch(
        ROUTES.keys(settings.api_base_path, *ME),
        {
            "renew": _renew,
            "me": _me,
            "change": _change,
            "erase": _erase,
            "revoke": _revoke,
            "unlink": _unlink,
            "points": _points,
            "export": _export,
            "export_all": _export_all,
            "claim": _claim,
            "ranking": _ranking,
        },
    ),
    lock=origin_lock(
        lock_reader(settings.origin_lock_parameter, parameters.reader(_lock_hashes)), logger
    ),
    logger=logger,
    tables=(table, ranking),
)
