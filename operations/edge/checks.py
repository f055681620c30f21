"""The edge: its functions, what they read, and our part of the distribution."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from cf_functions.assemble import assemble
from config import names
from config.edge_entries import edge_entries
from config.games import load_games
from lambdas.edge.distribution import Distribution
from lambdas.edge.live_limits import live_limits, narrowed
from lambdas.edge.token_keys import CURRENT, PREVIOUS
from lambdas.shared.edge_store import game_in
from lambdas.shared.http.origin_lock import HEADER, accepted_values
from operations.cli.output import Json, counted
from operations.cli.session import Session
from operations.doctor.check import Broken, check, deploy
from operations.edge import patch as patch_plan
from operations.scores.boards import Census, boards_of
from operations.scores.thresholds import compared

_FUNCTIONS: Final = {
    "get_start": names.GET_START,
    "get_end": names.GET_END,
    "validate": names.VALIDATE,
}
_KEY: Final = re.compile(r"[a-z0-9]{1,8}:.{16,}")
"""As the functions themselves read it."""
_DEPLOY: Final = deploy(names.EDGE_STACK)


@check("edge functions")
def functions(session: Session) -> str:
    client = session.target.shared("cloudfront")
    wrong = []
    for source, name in _FUNCTIONS.items():
        try:
            live = client.get_function(Name=name, Stage="LIVE")["FunctionCode"].read().decode()
        except client.exceptions.NoSuchFunctionExists:
            wrong.append(f"{name} is not published")
            continue
        if live != assemble(source):
            wrong.append(f"{name} is not as this checkout builds it")
    if wrong:
        raise Broken("; ".join(wrong), f"{_DEPLOY}, or check out what is deployed")
    return "published, and as this checkout builds them"


@check("edge store")
def store(session: Session) -> str:
    client = session.target.shared("cloudfront")
    blind = []
    for name in _FUNCTIONS.values():
        found = client.describe_function(Name=name, Stage="LIVE")["FunctionSummary"]
        stores = found["FunctionConfig"].get("KeyValueStoreAssociations", {}).get("Items", ())
        if session.store_arn not in {each["KeyValueStoreARN"] for each in stores}:
            blind.append(name)
    if blind:
        raise Broken(f"not given to {', '.join(blind)}", _DEPLOY)
    return "given to all three functions"


@check("token keys")
def keys(session: Session) -> str:
    found = {name: session.store.get(name) for name in (CURRENT, PREVIOUS)}
    if found[CURRENT] is None:
        raise Broken(f"there is no {CURRENT}, so no play can begin", _DEPLOY)
    corrupt = [name for name, text in found.items() if text and not _KEY.fullmatch(text)]
    if corrupt:
        mend = "delete it from the store, then deploy EdgeStack with any change of a game"
        raise Broken(f"{', '.join(corrupt)} is no key", mend)
    return "both there" if found[PREVIOUS] else "one, not rotated yet"


@check("games at the edge")
def games(session: Session) -> str:
    stored = session.store.values()
    wanted = edge_entries(load_games())
    wrong = []
    for key, entry in wanted.items():
        present = _entry(stored.get(key))
        live = live_limits(stored, game_in(key))
        limits = narrowed(entry["limits"], live.values if live else {})
        if present is None:
            wrong.append(f"{key} is missing")
        elif any(
            present.get(name) != value for name, value in (entry | {"limits": limits}).items()
        ):
            wrong.append(f"{key} is not as this checkout has it")
        elif limits["score"][0] > limits["score"][1] or limits["playMs"][0] > limits["playMs"][1]:
            wrong.append(f"the live limits of {game_in(key)} let no play through")
    if wrong:
        raise Broken("; ".join(wrong), f"{_DEPLOY}, or check out what is deployed")
    return f"{counted(len(wanted), 'entry')}, as this checkout has them"


def _entry(text: str | None) -> dict[str, Any] | None:
    try:
        entry: dict[str, Any] | None = json.loads(text or "null")
    except ValueError:
        return {}
    return entry


@check("boards and thresholds")
def thresholds(session: Session) -> str:
    stored = session.store.values()
    wrong = []
    open_boards = list(boards_of(session.games, session.now_ms, past=0))
    for board in open_boards:
        census = Census.of(session.table, board)
        if census.unreadable:
            wrong.append(f"{board.name}: {counted(census.unreadable, 'unreadable row')}")
        if compared(stored, board, census).state == "too strict":
            wrong.append(f"{board.name}: the edge refuses plays that would enter")
    if wrong:
        raise Broken(
            "; ".join(wrong), "htmlgame trim, which names unreadable rows; htmlgame remove those"
        )
    return f"{counted(len(open_boards), 'board')} open, none asked too much of"


@check("distribution")
def distribution(session: Session) -> str:
    patch_plan.refuse_unknown_endpoints(session.target.environment, session.target.shared)
    _, planned = patch_plan.plan(session.target.environment, session.target.shared)
    if planned.changes:
        raise Broken(f"it lacks: {'; '.join(planned.changes)}", "htmlgame patch apply")
    return "carries everything of ours"


@check("origin lock")
def origin_lock(session: Session) -> str:
    accepted = accepted_values(session.parameter(names.ORIGIN_LOCK, names.EDGE_STACK))
    distribution_id = session.parameter(names.DISTRIBUTION_ID, names.FRONT_STACK)
    config = Distribution(session.target.shared("cloudfront"), distribution_id).read().parsed
    sent = list(_locks(config))
    if not sent:
        raise Broken("the distribution sends none", "htmlgame patch apply")
    if not all(any(_same(value, known) for known in accepted) for value in sent):
        raise Broken("the distribution sends another than the APIs take", "htmlgame patch apply")
    if not all(_same(value, accepted[0]) for value in sent):
        return "the distribution sends the previous one, which is still taken"
    return "the distribution sends what the APIs take"


def _locks(config: Json) -> Iterator[str]:
    for origin in config["Origins"]["Items"]:
        if origin["Id"].startswith(f"{names.PROJECT}-"):
            for header in origin.get("CustomHeaders", {}).get("Items", ()):
                if header["HeaderName"].lower() == HEADER:
                    yield header["HeaderValue"]


def _same(one: str, other: str) -> bool:
    digests = [hashlib.sha256(value.encode()).digest() for value in (one, other)]
    return hmac.compare_digest(*digests)
