"""The protocol's worked example, played on the functions as they are uploaded."""

import json
import re
from typing import Any

import yaml

from cf_functions.harness import NODE, Call, Store, run
from local.bootstrap import ROOT
from tests.cf_functions import client
from tests.cf_functions.client import Key, milliseconds
from tests.docs.pages import Page
from tests.engines import require

OPENAPI = ROOT / "docs" / "reference" / "openapi"
API = yaml.safe_load((OPENAPI / "scores.yaml").read_text(encoding="utf-8"))
SCHEMAS = API["components"]["schemas"]
PAGE = Page(ROOT / "docs" / "reference" / "protocol.md")
KEY = Key("k7", "only-the-edge-knows-this-secret-of-43-chars-")
REQUEST_ID = "n5UoVqvXK0Kdq3jQ"
BEGAN = milliseconds("2026-11-21T12:00:00+00:00")
ENDED = BEGAN + 61_500
HOST = "games.example"

Json = dict[str, Any]


def shown(*keys: str) -> Json:
    """The JSON block that has these keys."""
    blocks = [json.loads(block.text) for block in PAGE.blocks if block.language == "json"]
    [found] = [block for block in blocks if set(keys) <= block.keys()]
    assert isinstance(found, dict)
    return found


def sent(beginning: str) -> tuple[str, dict[str, str]]:
    """The target and the headers of the request that begins so."""
    block = next(block.text for block in PAGE.blocks if block.text.startswith(beginning))
    head = block.partition("\n\n")[0].splitlines()
    headers = dict(line.split(": ", 1) for line in head[1:])
    return head[0].split()[1], headers


def store() -> Store:
    limits = {
        "score": [0, 9999],
        "playMs": [1000, 3_600_000],
        "graceMs": 90_000,
        "pauseMs": 600_000,
    }
    order = [["score", "desc"], ["timeMs", "asc"], ["updatedAt", "asc"]]
    entry = {"v": 1, "order": order, "topN": 100, "limits": limits, "identity": "key"}
    values = dict.fromkeys(
        ("cfgthr#g:snake", "cfgthr#g:snake#p:all", "cfgthr#g:snake#p:monthly"), json.dumps(entry)
    )
    return Store(values | {"k_current": KEY.entry})


def call(function: str, clock: int, method: str, target: str, headers: dict[str, str]) -> Any:
    uri, _, query = target.partition("?")
    cookie = headers.pop("Cookie", "").partition("=")[2]
    event = {
        "version": "1.0",
        "context": {"eventType": "viewer-request", "requestId": REQUEST_ID},
        "viewer": {"ip": "198.51.100.11"},
        "request": {
            "method": method,
            "uri": uri,
            "querystring": _fields(dict(re.findall(r"(\w+)=([^&]+)", query))),
            "headers": _fields({"host": HOST} | {k.lower(): v for k, v in headers.items()}),
            "cookies": _fields({"game_sid": cookie} if cookie else {}),
        },
    }
    require(NODE.path, "node is not installed")
    [outcome] = run(NODE, [Call(function, event, store(), clock)])
    return outcome.answer


def _fields(values: dict[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"value": value} for name, value in values.items()}


def filled(headers: dict[str, str]) -> dict[str, str]:
    """With what the page only names because it stands above."""
    known = {
        "(token_start)": shown("token_start")["token_start"],
        "(token_end)": shown("token_end")["token_end"],
        "(the key; not with identity open)": shown("given")["given"]["userKey"],
    }
    return {name: known.get(value, value) for name, value in headers.items()}


def test_the_start_is_answered_as_the_page_shows() -> None:
    target, headers = sent("GET /api/get-start")
    answer = call("get_start", BEGAN, "GET", target, headers)
    expected = shown("token_start", "sid", "exp")
    # The page's game may last an hour and pause for ten minutes, and the edge adds two seconds.
    assert json.loads(answer["body"]) == expected
    assert answer["cookies"]["game_sid"]["value"] == expected["sid"]
    assert answer["cookies"]["game_sid"]["attributes"] in PAGE.prose


def test_the_end_is_answered_as_the_page_shows() -> None:
    target, headers = sent("GET /api/get-end")
    answer = call("get_end", ENDED, "GET", target, filled(headers))
    assert json.loads(answer["body"]) == shown("token_end", "exp")


def test_the_submission_gets_through_as_the_page_shows_it() -> None:
    target, headers = sent("PUT /api/scores")
    answer = call("validate", ENDED + 5_000, "PUT", target, filled(headers))
    assert "statusCode" not in answer, answer
    assert answer["headers"]["x-play-ms"]["value"] == "60000"
    assert answer["headers"]["x-play-id"]["value"].endswith(f"@{ENDED}")


def test_a_client_computes_the_values_on_the_page() -> None:
    given, computed = shown("given")["given"], shown("given")["computed"]
    token_end = shown("token_end")["token_end"]
    player = client.player_header(given["name"])
    day = client.utc_day(given["end"])
    assert computed == {
        "userId": client.user_id(given["userKey"]),
        "X-Player": player,
        "day": day,
        "signed": f"{player}|{given['score']}|{day}|{given['sid']}",
        "X-Sig": client.signature(token_end, player, str(given["score"]), day, given["sid"]),
    }
    assert client.decoded(token_end.partition(".")[0]).split(".")[6] == str(given["end"])


def test_answers_have_the_shape_the_api_promises() -> None:
    submitted, ranking = shown("results"), shown("items", "gameId")
    assert submitted.keys() == set(SCHEMAS["Submitted"]["required"])
    assert ranking.keys() == set(SCHEMAS["Ranking"]["required"])
    [board] = submitted["results"].values()
    assert board["best"] == board["top"][0] == ranking["items"][0]


def test_every_refusal_is_in_the_clients_table() -> None:
    refusals = PAGE.text.partition("## Refusals")[2].partition("\n## ")[0]
    told = set(re.findall(r"`(\w+)`", refusals))
    edge = Page(ROOT / "cf_functions" / "README.md").text
    codes = set(re.findall(r"^\| \d{3} \| `(\w+)` \|", edge, re.MULTILINE))
    error = SCHEMAS["Error"]["properties"]["error"]["properties"]["code"]["enum"]
    assert codes | set(error) <= told
