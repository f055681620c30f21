"""The edge functions, what they read, and our part of the distribution."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from cf_functions.assemble import assemble
from config import names
from config.capabilities import edge as edge_manifest
from config.capabilities import scores as scores_manifest
from config.edge_entries import edge_entries
from config.games import load_games
from lambdas.edge.distribution import Distribution, Reading
from lambdas.edge.live_limits import live_limits, narrowed
from lambdas.edge.token_keys import CURRENT, PREVIOUS
from lambdas.shared.edge_store import game_in
from lambdas.shared.http.origin_lock import HEADER, accepted_values
from operations.cli.output import Json, counted
from operations.cli.session import Session
from operations.doctor.check import check
from operations.edge import patch
from operations.edge.live_distribution import REWRITE, error_pages, notices
from operations.edge.store import Store
from operations.findings import Broken, deploy

_FUNCTIONS: Final = {
    "get_start": scores_manifest.GET_START.name,
    "get_end": scores_manifest.GET_END.name,
    "validate": scores_manifest.VALIDATE.name,
}
_KEY: Final = re.compile(r"[a-z0-9]{1,8}:.{16,}")
"""The form that the edge functions accept."""
_DEPLOY: Final = deploy(edge_manifest.CAPABILITY.stack)


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
            wrong.append(f"{name} differs from what this checkout builds")
    if wrong:
        raise Broken("; ".join(wrong), f"{_DEPLOY}, or check out the deployed version")
    return "published, and the same as this checkout builds"


@check("edge store")
def store(session: Session) -> str:
    client = session.target.shared("cloudfront")
    without = []
    for name in _FUNCTIONS.values():
        found = client.describe_function(Name=name, Stage="LIVE")["FunctionSummary"]
        stores = found["FunctionConfig"].get("KeyValueStoreAssociations", {}).get("Items", ())
        if session.own(Store).arn not in {each["KeyValueStoreARN"] for each in stores}:
            without.append(name)
    if without:
        raise Broken(f"not associated with {', '.join(without)}", _DEPLOY)
    return "associated with all three functions"


@check("token keys")
def keys(session: Session) -> str:
    found = {name: session.own(Store).get(name) for name in (CURRENT, PREVIOUS)}
    if found[CURRENT] is None:
        raise Broken(f"there is no {CURRENT}, so no play can begin", _DEPLOY)
    corrupt = [name for name, text in found.items() if text and not _KEY.fullmatch(text)]
    if corrupt:
        fix = "delete it from the store, then deploy EdgeStack with any change of a game"
        raise Broken(f"{', '.join(corrupt)} is not a valid key", fix)
    return "both exist" if found[PREVIOUS] else "one exists; it has not been rotated yet"


@check("games at the edge")
def games(session: Session) -> str:
    stored = session.own(Store).values()
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
            wrong.append(f"{key} differs from this checkout")
        elif limits["score"][0] > limits["score"][1] or limits["playMs"][0] > limits["playMs"][1]:
            wrong.append(f"the live limits of {game_in(key)} refuse every play")
    if wrong:
        raise Broken("; ".join(wrong), f"{_DEPLOY}, or check out the deployed version")
    return f"{counted(len(wanted), 'entry')}, the same as in this checkout"


def _entry(text: str | None) -> dict[str, Any] | None:
    try:
        entry: dict[str, Any] | None = json.loads(text or "null")
    except ValueError:
        return {}
    return entry


@check("distribution")
def distribution(session: Session) -> str:
    patch.refuse_unknown_endpoints(session.target.environment, session.target.shared)
    _, planned = patch.plan(session.target.environment, session.target.shared)
    if planned.changes:
        raise Broken(f"it lacks: {'; '.join(planned.changes)}", "htmlgame patch apply")
    return "contains all origins and behaviours of htmlgame"


@check("origin lock")
def origin_lock(session: Session) -> str:
    accepted = accepted_values(session.parameter(names.ORIGIN_LOCK, edge_manifest.CAPABILITY.stack))
    sent = list(_locks(_reading(session).parsed))
    if not sent:
        raise Broken("the distribution sends none", "htmlgame patch apply")
    if not all(any(_same(value, known) for known in accepted) for value in sent):
        raise Broken("the distribution sends a value that the APIs refuse", "htmlgame patch apply")
    if not all(_same(value, accepted[0]) for value in sent):
        return "the distribution sends the previous value, which the APIs still accept"
    return "the distribution sends the value that the APIs accept"


def _reading(session: Session) -> Reading:
    distribution_id = session.parameter(names.DISTRIBUTION_ID, names.FRONT_STACK)
    return Distribution(session.target.shared("cloudfront"), distribution_id).read()


def _locks(config: Json) -> Iterator[str]:
    for origin in config["Origins"]["Items"]:
        if origin["Id"].startswith(f"{names.PROJECT}-"):
            for header in origin.get("CustomHeaders", {}).get("Items", ()):
                if header["HeaderName"].lower() == HEADER:
                    yield header["HeaderValue"]


def _same(one: str, other: str) -> bool:
    digests = [hashlib.sha256(value.encode()).digest() for value in (one, other)]
    return hmac.compare_digest(*digests)


@check("error pages")
def pages(session: Session) -> str:
    replaced = error_pages(_reading(session).xml)
    if replaced:
        raise Broken(replaced, REWRITE)
    return "no error page replaces an answer of the API"


@check("patch permissions")
def permissions(session: Session) -> str:
    granted = session.target.environment.distribution_grants
    for notice in notices(_reading(session).xml, granted):
        if notice.blocks:
            raise Broken(notice.what, f"{notice.fix}; then make deploy")
    return "the patch may write everything that the distribution contains"
