"""One honest play through the published functions by CloudFront's TestFunction.

TestFunction runs a function on CloudFront's own runtime with the store that it reads; nothing is
served, stored or forwarded.
"""

import base64
import json
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from config.capabilities import scores as scores_manifest
from config.paths import API_BASE_PATH
from operations.findings import Broken
from operations.site.player import Player, Reply
from operations.site.smoke import Plan, end_play

_FORWARDED: Final = 0
"""Stands for a status when the function forwards the request to the origin."""
_MAY_BE_REFUSED: Final = {"below_threshold", "out_of_limits"}
"""On a full board or with narrowed limits; validate has run to its end."""
_FUNCTIONS: Final = {
    f"{API_BASE_PATH}/get-start": scores_manifest.GET_START.name,
    f"{API_BASE_PATH}/get-end": scores_manifest.GET_END.name,
}


class Rehearsal:
    def __init__(self, cloudfront: Any, domain: str) -> None:
        self._cloudfront = cloudfront
        self._domain = domain
        self._used: dict[str, int] = {}

    def play(self, plan: Plan) -> Mapping[str, int]:
        """The largest share of its time that each function took, in per cent."""
        player = _TestedPlayer(self, f"https://{self._domain}", plan.game_id)
        _require(player.start(), scores_manifest.GET_START.name)
        end_play(player, plan.play_ms, time.monotonic())
        submitted = player.submit(plan.best, plan.board)
        if submitted.status != _FORWARDED and submitted.code not in _MAY_BE_REFUSED:
            raise Broken(
                f"{scores_manifest.VALIDATE.name} answers an honest play with {submitted}", _FIX
            )
        return self._used

    def ask(self, method: str, url: str, headers: Mapping[str, str]) -> Reply:
        path = urlsplit(url).path
        name = _FUNCTIONS.get(path, scores_manifest.VALIDATE.name)
        described = self._cloudfront.describe_function(Name=name, Stage="LIVE")
        result = self._cloudfront.test_function(
            Name=name,
            IfMatch=described["ETag"],
            Stage="LIVE",
            EventObject=json.dumps(self._event(method, url, headers)).encode(),
        )["TestResult"]
        if failure := result.get("FunctionErrorMessage"):
            raise Broken(f"{name} failed: {failure}", _FIX)
        share = int(result["ComputeUtilization"])
        self._used[name] = max(share, self._used.get(name, 0))
        return _reply(json.loads(result["FunctionOutput"]))

    def _event(self, method: str, url: str, headers: Mapping[str, str]) -> Any:
        address = urlsplit(url)
        given = {name.lower(): value for name, value in headers.items()}
        cookies = dict(
            each.strip().split("=", 1) for each in given.pop("cookie", "").split(";") if each
        )
        return {
            "version": "1.0",
            "context": {
                "distributionDomainName": self._domain,
                "eventType": "viewer-request",
                "requestId": "verify-aws",
            },
            "viewer": {"ip": "198.51.100.1"},
            "request": {
                "method": method,
                "uri": address.path,
                "querystring": _values(dict(parse_qsl(address.query))),
                "headers": _values({"host": self._domain, **given}),
                "cookies": _values(cookies),
            },
        }


_FIX: Final = (
    "aws cloudfront test-function with an event of cf_functions/*/cases shows the function's log"
)


class _TestedPlayer(Player):
    def __init__(self, rehearsal: Rehearsal, site: str, game_id: str) -> None:
        super().__init__(site, game_id, "verify-aws")
        self._rehearsal = rehearsal

    def _send(self, method: str, url: str, headers: Mapping[str, str], _body: bytes) -> Reply:
        return self._rehearsal.ask(method, url, headers)


def _values(plain: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"value": value} for name, value in plain.items()}


def _reply(output: Mapping[str, Any]) -> Reply:
    if "request" in output:
        return Reply(_FORWARDED, {}, {})
    response = output["response"]
    session = response.get("cookies", {}).get("game_sid", {}).get("value")
    headers = {"Set-Cookie": f"game_sid={session}"} if session else {}
    return Reply(int(response["statusCode"]), headers, json.loads(_text(response["body"])))


def _text(body: Any) -> str:
    """CloudFront accepts a bare string for a body, and may give it back with its encoding."""
    if isinstance(body, str):
        return body
    data: str = body["data"]
    return base64.b64decode(data).decode() if body.get("encoding") == "base64" else data


def _require(reply: Reply, function: str) -> None:
    if reply.status != 200:
        raise Broken(f"{function} answers an honest play with {reply}", _FIX)
